import { randomUUID, sign, X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Certificate } from './certificate.ts'

export const ISSUER = 'test-tokens'
export const SERVICE = 'test-registry'
/** Who may push; everybody else may pull what `PUBLIC` matches. */
export const LOGIN = { username: 'user', password: 'pass:word' } as const
const PUBLIC = /^public\//
/** Shorter than a slow pull, so that tokens expire in its middle. */
const LIFE_SECONDS = 60

interface Access {
  readonly type: string
  readonly name: string
  readonly actions: readonly string[]
}

/**
 * A token server as the distribution specification of tokens has it: GET with name and password, or POST with a refresh token
 * (which is what a login with `offline_token` is given). It writes down what it was asked.
 */
export class TokenServer {
  readonly realm: string
  /** `scope`s as they came, one a request. */
  readonly scopes: string[] = []
  /** The refresh token that stands for `LOGIN`. */
  readonly refreshToken: string = randomUUID()
  readonly #server: Server
  readonly #certificate: Certificate

  private constructor(server: Server, certificate: Certificate) {
    this.#server = server
    this.#certificate = certificate
    this.realm = `http://127.0.0.1:${(server.address() as AddressInfo).port}/token`
    server.on('request', (request, response) => void this.#answer(request, response))
  }

  static async start(certificate: Certificate): Promise<TokenServer> {
    const server = createServer()
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    return new TokenServer(server, certificate)
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise(resolve => this.#server.close(resolve))
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk)
    const asked = new URL(request.url ?? '/', this.realm).searchParams
    const form = request.method === 'POST' ? new URLSearchParams(Buffer.concat(chunks).toString()) : asked
    this.scopes.push(...form.getAll('scope'))
    const basic = `Basic ${Buffer.from(`${LOGIN.username}:${LOGIN.password}`).toString('base64')}`
    const offered = form.get('refresh_token') ?? form.get('password') ?? request.headers.authorization
    const isKnown = [basic, this.refreshToken, LOGIN.password].includes(offered ?? '')
    if (offered !== undefined && !isKnown) {
      response.writeHead(401).end()
      return
    }
    const granted = form.getAll('scope').flatMap(scope => scope.split(' ').map(each => grant(each, isKnown)))
    const token = this.#sign(isKnown ? LOGIN.username : '', granted)
    const refresh = isKnown ? { refresh_token: this.refreshToken } : {}
    const body = { token, access_token: token, expires_in: LIFE_SECONDS, ...refresh }
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  }

  #sign(subject: string, access: readonly Access[]): string {
    const now = Math.floor(Date.now() / 1000)
    const pem = readFileSync(this.#certificate.certificate)
    const header = { typ: 'JWT', alg: 'ES256', x5c: [new X509Certificate(pem).raw.toString('base64')] }
    const times = { iat: now, nbf: now - 1, exp: now + LIFE_SECONDS, jti: randomUUID() }
    const claims = { iss: ISSUER, sub: subject, aud: SERVICE, ...times, access }
    const signed = [header, claims]
      .map(part => Buffer.from(JSON.stringify(part)).toString('base64url'))
      .join('.')
    const key = { key: readFileSync(this.#certificate.key), dsaEncoding: 'ieee-p1363' } as const
    return `${signed}.${sign('sha256', Buffer.from(signed), key).toString('base64url')}`
  }
}

/** `repository:NAME:ACTION[,ACTION]` → what of it is given. */
function grant(scope: string, isKnown: boolean): Access {
  const [type = '', ...rest] = scope.split(':')
  const actions = (rest.pop() ?? '').split(',')
  const name = rest.join(':')
  const given = isKnown ? actions : actions.filter(action => action === 'pull' && PUBLIC.test(name))
  return { type, name, actions: given }
}
