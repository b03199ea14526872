import { setMaxListeners } from 'node:events'
import { Readable } from 'node:stream'
import { createSecureContext } from 'node:tls'
import type { Dispatcher } from 'undici'
import { proxyFor } from '../settings/proxy.ts'
import type { RegistrySettings } from '../settings/settings.ts'
import type { Ways } from './dispatcher.ts'
import { systemAuthorities, systemContext } from './system-authorities.ts'

/** Bytes of a request, made anew each time that it is sent. */
export type RequestBody = string | Uint8Array | (() => AsyncIterable<Uint8Array>)

/** What a request is but for its address. */
export interface RequestShape {
  readonly method?: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: RequestBody
}

/** An answer whose body is still to be read, or to be thrown away. */
export interface Answer {
  readonly status: number
  /** Where it came from, behind all redirects. */
  readonly address: URL
  readonly isOk: boolean
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>
  /** Raises when the connection breaks, or nothing comes for half a minute. There is no limit to the whole. */
  readonly body: AsyncIterable<Buffer>
  /** Lets go of the body. */
  discard(): Promise<void>
}

/** A server that takes nothing of an upload for so long is given up. */
const STALL_MS = 60_000

/** Sends requests over connections that it keeps, through proxies, with the certificates of each host. */
export class Transport {
  readonly #settings: RegistrySettings
  readonly #ways: Ways
  readonly #dispatchers = new Map<string, Promise<Dispatcher>>()

  constructor(settings: RegistrySettings, { signal, lookup }: Ways = {}) {
    this.#settings = settings
    this.#ways = { signal: signal === undefined ? undefined : unlimited(signal), lookup }
  }

  /** One request, no redirect followed; raises what undici raises when nothing answers. `isVerified`: the certificate is checked. */
  async send(
    address: URL,
    shape: RequestShape,
    isVerified: boolean,
    signal: AbortSignal | undefined,
  ): Promise<Answer> {
    const dispatcher = await this.#dispatcherFor(address, isVerified)
    const { body } = shape
    const stalled = new AbortController()
    const signals = [stalled.signal, ...(signal === undefined ? [] : [signal])]
    const answer = await dispatcher.request({
      origin: address.origin,
      path: `${address.pathname}${address.search}`,
      method: shape.method ?? 'GET',
      headers: { 'user-agent': 'tscompose', ...shape.headers },
      ...(body === undefined ? {} : { body: typeof body === 'function' ? flowing(body(), stalled) : body }),
      signal: AbortSignal.any(signals),
    })
    return answerOf(answer, address)
  }

  async #dispatcherFor(address: URL, isVerified: boolean): Promise<Dispatcher> {
    const proxy = proxyFor(address, this.#settings.env)
    const key = `${address.origin} ${isVerified} ${proxy?.href ?? ''}`
    const made = this.#dispatchers.get(key) ?? this.#dispatcher(address, isVerified, proxy)
    this.#dispatchers.set(key, made)
    return made
  }

  async #dispatcher(address: URL, isVerified: boolean, proxy: URL | undefined): Promise<Dispatcher> {
    const tls = address.protocol === 'https:' ? await this.#tls(address.host, isVerified) : {}
    const { createDispatcher } = await import('./dispatcher.ts')
    return createDispatcher(proxy, tls, this.#ways)
  }

  /** Whoever lays an authority down for a host wants it checked, on loopback and with insecure ones, too. */
  async #tls(host: string, isVerified: boolean): Promise<Readonly<Record<string, unknown>>> {
    const { authorities = [], client } = (await this.#settings.certificatesOf(host)) ?? {}
    const isChecked = isVerified || authorities.length > 0
    const own = client === undefined ? {} : { cert: client.certificate, key: client.key }
    if (!isChecked) return { rejectUnauthorized: false, ...own }
    if (authorities.length === 0 && client === undefined) return { secureContext: await systemContext() }
    const ca = [...(await systemAuthorities()), ...authorities]
    return { secureContext: createSecureContext({ ca, ...own }) }
  }
}

/** Every connection listens, and many are no leak. The caller's own signal stays as it is. */
function unlimited(signal: AbortSignal): AbortSignal {
  const own = AbortSignal.any([signal])
  setMaxListeners(0, own)
  return own
}

/** Bytes of an upload, which is given up when nobody takes the next ones for so long. */
function flowing(bytes: AsyncIterable<Uint8Array>, stalled: AbortController): Readable {
  async function* watched(): AsyncGenerator<Uint8Array> {
    for await (const piece of bytes) {
      const tooLong = new Error(`nothing was taken for ${STALL_MS / 1000} seconds`)
      const timer = setTimeout(() => stalled.abort(tooLong), STALL_MS)
      try {
        yield piece
      } finally {
        clearTimeout(timer)
      }
    }
  }
  return Readable.from(watched(), { objectMode: false })
}

function answerOf({ statusCode, headers, body }: Dispatcher.ResponseData, address: URL): Answer {
  // Whoever reads is told by the reading; one that broke while nobody read is none of anybody's business.
  body.on('error', () => undefined)
  const single = Object.entries(headers).map(
    ([name, value]) => [name.toLowerCase(), Array.isArray(value) ? value.join(', ') : value] as const,
  )
  return {
    status: statusCode,
    address,
    isOk: statusCode >= 200 && statusCode < 300,
    headers: Object.fromEntries(single),
    body: body as AsyncIterable<Buffer>,
    discard: async () => {
      await body.dump({ limit: 64 * 1024 }).catch(() => undefined)
    },
  }
}
