import { STATUS_CODES } from 'node:http'
import { errnoOf, Failure, failure, messageOf } from '../../diagnostics/index.ts'
import { isLoopback, type Place, registryPlace } from './settings/places.ts'
import type { RegistrySettings } from './settings/settings.ts'
import { isPassing, type Patience, pauseAfter } from './wire/patience.ts'
import type { Answer, RequestShape, Transport } from './wire/transport.ts'

const MOST_REDIRECTS = 5
/** A connection that broke before an answer is tried so often: what is really not there shall be told soon. */
const BROKEN_ATTEMPTS = 3

/** What an endpoint sends with. */
export interface EndpointParts {
  readonly settings: RegistrySettings
  readonly transport: Transport
  readonly patience: Patience
  readonly signal: AbortSignal | undefined
}

/** One server's API: finds out whether it speaks TLS, follows redirects, and asks again where it is busy. */
export class Endpoint {
  readonly place: Place
  readonly #parts: EndpointParts
  #origin: string | undefined

  constructor(place: Place, parts: EndpointParts) {
    this.place = place
    this.#parts = parts
  }

  /**
   * Sends a request to a path such as `/v2/`, or to an address that the server gave. Raises REGISTRY_UNREACHABLE, REGISTRY_BUSY,
   * REGISTRY_NAME.
   */
  request(path: string | URL, shape: RequestShape = {}): Promise<Answer> {
    return this.#patiently(this.place.host, shape, () =>
      path instanceof URL ? this.#follow(path, shape) : this.#first(path, shape),
    )
  }

  /** Sends to another address on the registry's behalf: the server that gives out its tokens. */
  requestElsewhere(address: URL, shape: RequestShape): Promise<Answer> {
    return this.#patiently(address.host, shape, () => this.#follow(address, shape))
  }

  /** The first origin that answers; from then on there is no other. */
  async #first(path: string, shape: RequestShape): Promise<Answer> {
    if (this.#origin !== undefined) return this.#follow(new URL(path, this.#origin), shape)
    let failed: unknown
    for (const origin of await this.#origins()) {
      if (!URL.canParse(path, origin)) throw noAddress(this.place.host)
      try {
        const answer = await this.#follow(new URL(path, origin), shape)
        this.#origin = origin
        return answer
      } catch (error) {
        if (this.#parts.signal?.aborted) throw error
        // What speaks TLS and cannot prove who it is says more than that it does not speak without.
        failed = isUntrusted(failed) ? failed : error
        if (isUntrusted(failed)) break
      }
    }
    throw failed
  }

  /** A server whose authority is known speaks TLS. */
  async #origins(): Promise<readonly string[]> {
    const { origins, host } = this.place
    if (origins.length < 2) return origins
    const { authorities = [] } = (await this.#parts.settings.certificatesOf(host)) ?? {}
    return authorities.length === 0 ? origins : origins.filter(origin => origin.startsWith('https:'))
  }

  async #patiently(host: string, shape: RequestShape, send: () => Promise<Answer>): Promise<Answer> {
    const { patience, signal } = this.#parts
    const begun = performance.now()
    for (let attempt = 1; ; attempt += 1) {
      const answer = await send().catch(error => {
        // A fault of our own must not look like a registry that is away, in whose place others would be asked.
        if (signal?.aborted || error instanceof Failure || isOurFault(error)) throw error
        if (
          !isBroken(error) ||
          !isRepeatable(shape) ||
          attempt >= Math.min(BROKEN_ATTEMPTS, patience.attempts)
        )
          throw unreachable(host, error)
      })
      if (answer !== undefined && (!isPassing(answer.status) || !isRepeatable(shape))) return answer
      const pause = pauseAfter(attempt, answer?.headers['retry-after'])
      if (answer !== undefined) {
        await answer.discard()
        if (attempt >= patience.attempts || pause === undefined)
          throw busy(host, answer, attempt, performance.now() - begun)
      }
      await patience.wait(pause ?? 0, signal)
    }
  }

  async #follow(start: URL, shape: RequestShape): Promise<Answer> {
    const { settings, transport, signal } = this.#parts
    let [address, sent] = [start, shape]
    for (let hops = 0; ; hops += 1) {
      const isOwn = this.place.origins.includes(address.origin)
      const { isVerified } = isOwn ? this.place : registryPlace(address.host, settings)
      const answer = await transport.send(address, sent, isVerified, signal)
      const next = redirectOf(answer, address, shape)
      if (next === undefined) return answer
      await answer.discard()
      if (hops >= MOST_REDIRECTS) throw misled(this.place.host, `more than ${MOST_REDIRECTS} redirects`)
      if (address.protocol === 'https:' && next.protocol !== 'https:' && !isLoopback(next.host))
        throw misled(this.place.host, `a redirect from https to ${next.origin}`)
      if (next.origin !== address.origin) sent = withoutCredentials(sent)
      address = next
    }
  }
}

/** Where the server wants to be asked instead. What is written goes elsewhere by 307 and 308 alone. */
function redirectOf({ status, headers }: Answer, address: URL, shape: RequestShape): URL | undefined {
  const isReading = shape.method === undefined || shape.method === 'GET' || shape.method === 'HEAD'
  const location = headers['location']
  const isRedirect = status === 307 || status === 308 || (isReading && status >= 301 && status <= 303)
  if (!isRedirect || location === undefined) return undefined
  if (!URL.canParse(location, address.href)) throw misled(address.host, `a redirect to "${location}"`)
  return new URL(location, address)
}

/** Another server must not see who we are to the first: it may be a store of anybody. */
function withoutCredentials(shape: RequestShape): RequestShape {
  const { authorization: _, ...headers } = shape.headers ?? {}
  return { ...shape, headers }
}

/** An upload that was begun is in a state that only its sender knows. */
function isRepeatable({ method = 'GET', body }: RequestShape): boolean {
  return method === 'GET' || method === 'HEAD' || typeof body !== 'function'
}

/** A connection that was there and went, which may be otherwise the next time. */
function isBroken(error: unknown): boolean {
  const code = errnoOf(error) ?? ''
  return ['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET'].includes(code)
}

function isUntrusted(error: unknown): boolean {
  const code = errnoOf(error) ?? ''
  return /^(?:CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|ERR_TLS_CERT)/.test(code)
}

function isOurFault(error: unknown): boolean {
  return error instanceof TypeError || error instanceof ReferenceError || error instanceof RangeError
}

function misled(host: string, detail: string): Error {
  return failure({
    kind: 'unavailable',
    code: 'REGISTRY_ANSWER',
    summary: `the answer of the registry "${host}" cannot be used`,
    detail,
  })
}

function unreachable(host: string, error: unknown): Error {
  return failure({
    kind: 'unavailable',
    code: 'REGISTRY_UNREACHABLE',
    summary: `cannot reach the registry "${host}"`,
    detail: messageOf(error),
    hint: isUntrusted(error)
      ? `put its authority into /etc/docker/certs.d/${host}/ca.crt`
      : 'check its name and the network',
    cause: error,
  })
}

/** A name of an image may have such a host: any digits are a port there. */
function noAddress(host: string): Error {
  const port = /:(\d+)$/.exec(host)?.[1]
  return failure({
    kind: 'invalidArgument',
    code: 'REGISTRY_NAME',
    summary: `"${host}" is no registry`,
    detail: port === undefined ? 'it is not the address of a host' : `port ${port} is above 65535`,
    hint: 'write HOST or HOST:PORT',
  })
}

function busy(host: string, { status, headers }: Answer, attempts: number, milliseconds: number): Error {
  const words = (STATUS_CODES[status] ?? '').toLowerCase()
  const wish =
    headers['retry-after'] === undefined ? '' : `; it says to come back after ${headers['retry-after']}`
  return failure({
    kind: 'unavailable',
    code: 'REGISTRY_BUSY',
    summary: `the registry "${host}" answers ${status} (${words})`,
    detail: `tried ${attempts} times over ${Math.round(milliseconds / 1000)} s${wish}`,
    hint:
      status === 429
        ? `a login raises the limit: tscompose login ${host === 'docker.io' ? '' : host}`.trimEnd()
        : 'try again later',
  })
}
