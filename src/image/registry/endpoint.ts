import { failure, messageOf } from '../../diagnostics/index.ts'

/** Longest wait for the headers of an answer; its body may come slowly, see `idle.ts`. */
const TIMEOUT_MS = 30_000

/** What a request is but for its address. */
export interface RequestShape {
  readonly method?: 'GET' | 'HEAD' | 'POST'
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

/** Where a registry's API is: the hub has another host than its name says, and loopback registries rarely speak TLS. */
export class Endpoint {
  readonly #domain: string
  readonly #signal: AbortSignal | undefined
  #base: string | undefined

  constructor(domain: string, signal?: AbortSignal) {
    this.#domain = domain
    this.#signal = signal
  }

  /** Sends a request to a path such as `/v2/`; raises REGISTRY_UNREACHABLE when nothing answers. */
  async request(path: string, shape: RequestShape = {}): Promise<Response> {
    const host = this.#domain === 'docker.io' ? 'registry-1.docker.io' : this.#domain
    const bases = this.#base
      ? [this.#base]
      : isLoopback(this.#domain)
        ? [`https://${host}`, `http://${host}`]
        : [`https://${host}`]
    let failed: unknown
    for (const base of bases) {
      try {
        const response = await send(`${base}${path}`, shape, this.#signal)
        this.#base = base
        return response
      } catch (error) {
        if (this.#signal?.aborted) throw error
        failed = error
      }
    }
    throw unreachable(this.#domain, failed)
  }

  /** Sends to another address on the registry's behalf: the server that gives out its tokens. */
  async requestElsewhere(address: URL, shape: RequestShape): Promise<Response> {
    try {
      return await send(address, shape, this.#signal)
    } catch (error) {
      if (this.#signal?.aborted) throw error
      throw unreachable(address.host, error)
    }
  }
}

/** True for a registry on this machine, whose traffic nobody else sees. */
export function isLoopback(domain: string): boolean {
  return /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d+)?$/.test(domain)
}

async function send(
  address: string | URL,
  shape: RequestShape,
  signal: AbortSignal | undefined,
): Promise<Response> {
  const late = new AbortController()
  const timer = setTimeout(() => late.abort(silent()), TIMEOUT_MS)
  try {
    return await fetch(address, {
      method: shape.method ?? 'GET',
      headers: { ...shape.headers },
      ...(shape.body === undefined ? {} : { body: shape.body }),
      signal: signal === undefined ? late.signal : AbortSignal.any([late.signal, signal]),
    })
  } finally {
    clearTimeout(timer)
  }
}

function silent(): Error {
  return new Error(`no answer for ${TIMEOUT_MS / 1000} seconds`)
}

function unreachable(domain: string, error: unknown): Error {
  // fetch says no more than "fetch failed"; what failed is its cause.
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error
  return failure({
    kind: 'unavailable',
    code: 'REGISTRY_UNREACHABLE',
    summary: `cannot reach the registry "${domain}"`,
    detail: messageOf(cause),
    hint: 'check its name and the network',
    cause: error,
  })
}
