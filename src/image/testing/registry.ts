import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { digestOf } from '../../oci/digest-of.ts'

/** How the registry of a test lets people in. */
export interface RegistryAccess {
  /** `basic`: every request has name and password. `token`: they are exchanged for a token first. */
  readonly scheme: 'basic' | 'token'
  /** Absent: the token is given to everybody. */
  readonly login?: { readonly username: string; readonly password: string }
  readonly identitytoken?: string
}

/** A registry on loopback that holds what a test puts into it and writes down what it is asked. */
export class RegistryDouble {
  readonly requests: string[] = []
  /** `127.0.0.1:PORT`, as it stands in references; still there when the registry is closed. */
  readonly domain: string
  readonly #server: Server
  readonly #access: RegistryAccess | undefined
  readonly #blobs = new Map<string, Buffer>()
  readonly #manifests = new Map<string, { readonly type: string; readonly bytes: Buffer }>()

  private constructor(server: Server, access: RegistryAccess | undefined) {
    this.#server = server
    this.domain = `127.0.0.1:${(server.address() as AddressInfo).port}`
    this.#access = access
    server.on('request', (request, response) => this.#answer(request, response))
  }

  static async start(access?: RegistryAccess): Promise<RegistryDouble> {
    const server = createServer()
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    return new RegistryDouble(server, access)
  }

  /** Stores bytes; returns what a manifest says of them. */
  addBlob(content: string): { readonly digest: string; readonly size: number } {
    const digest = digestOf(content)
    this.#blobs.set(digest, Buffer.from(content))
    return { digest, size: Buffer.byteLength(content) }
  }

  /** Serves other bytes for a digest than those that have it. */
  falsify(digest: string, content: string): void {
    this.#blobs.set(digest, Buffer.from(content))
  }

  /** Stores a manifest for `NAME:TAG` and for its digest, which it returns. */
  addManifest(
    name: string,
    tag: string,
    manifest: { readonly mediaType: string; readonly [field: string]: unknown },
  ): string {
    const bytes = Buffer.from(JSON.stringify(manifest))
    const digest = digestOf(bytes)
    for (const key of [tag, digest])
      this.#manifests.set(`${name}:${key}`, { type: manifest.mediaType, bytes })
    return digest
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise(resolve => this.#server.close(resolve))
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? '/', `http://${this.domain}`)
    this.requests.push(`${request.method ?? ''} ${url.pathname}`)
    if (url.pathname === '/token') this.#giveToken(request, response)
    else if (this.#isLetIn(request)) this.#give(url.pathname, request, response)
    else this.#challenge(response)
  }

  #give(path: string, request: IncomingMessage, response: ServerResponse): void {
    const [, name = '', kind, key = ''] = /^\/v2\/(.+)\/(manifests|blobs)\/(.+)$/.exec(path) ?? []
    const manifest = this.#manifests.get(`${name}:${key}`)
    const bytes = kind === 'manifests' ? manifest?.bytes : this.#blobs.get(key)
    if (bytes === undefined) {
      response.writeHead(404).end()
      return
    }
    response.writeHead(200, {
      'content-type': manifest?.type ?? 'application/octet-stream',
      ...(manifest === undefined ? {} : { 'docker-content-digest': digestOf(bytes) }),
    })
    response.end(request.method === 'HEAD' ? undefined : bytes)
  }

  #challenge(response: ServerResponse): void {
    const challenge =
      this.#access?.scheme === 'basic'
        ? 'Basic realm="double"'
        : `Bearer realm="http://${this.domain}/token",service="double",scope="repository:any:pull"`
    response.writeHead(401, { 'www-authenticate': challenge }).end()
  }

  #isLetIn({ headers }: IncomingMessage): boolean {
    if (this.#access === undefined) return true
    if (this.#access.scheme === 'token') return headers.authorization === 'Bearer a-token'
    return headers.authorization === basicOf(this.#access)
  }

  #giveToken(request: IncomingMessage, response: ServerResponse): void {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => void chunks.push(chunk))
    request.on('end', () => {
      const form = new URLSearchParams(Buffer.concat(chunks).toString('utf8'))
      const { login, identitytoken } = this.#access ?? {}
      const isKnown = identitytoken
        ? form.get('refresh_token') === identitytoken
        : login === undefined || request.headers.authorization === basicOf({ login })
      if (isKnown) response.writeHead(200).end(JSON.stringify({ token: 'a-token' }))
      else response.writeHead(401).end()
    })
  }
}

function basicOf({ login }: Pick<RegistryAccess, 'login'>): string {
  return `Basic ${Buffer.from(`${login?.username ?? ''}:${login?.password ?? ''}`).toString('base64')}`
}
