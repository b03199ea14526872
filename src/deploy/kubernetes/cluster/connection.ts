import { setTimeout as pause } from 'node:timers/promises'
import type { Dispatcher } from 'undici'
import { errnoOf, failure, messageOf } from '../../../diagnostics/index.ts'
import type { ClusterAccess } from './access.ts'
import { failureOf, Refusal, statusOf } from './failure.ts'
import type { Presented } from './presented.ts'

/** One request to an API server. */
export interface Call {
  readonly method?: 'GET' | 'PATCH' | 'DELETE'
  /** Begins with a slash. */
  readonly path: string
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>
  readonly accept?: string
  readonly body?: { readonly type: string; readonly text: string }
  /** What is read may be silent for any time. */
  readonly isFollowed?: boolean
  /** Ends it, beside that of the connection. */
  readonly signal?: AbortSignal | undefined
}

export interface ConnectionOptions {
  readonly signal?: AbortSignal
  /** Waits before something is tried again; another one for tests. */
  readonly pause?: (milliseconds: number, signal: AbortSignal | undefined) => Promise<void>
}

/** How often something is tried that might go well the next time, and how long at most is waited in between. */
const TRIES = 6
const FIRST_PAUSE_MS = 200
const LONGEST_PAUSE_MS = 30_000

/** Requests to one API server, over connections that are kept; what it is too busy for is asked again as it says. */
export class Connection {
  readonly #access: ClusterAccess
  readonly #options: ConnectionOptions
  #dispatcher: { readonly certificate: Presented['certificate']; readonly made: Dispatcher } | undefined
  /** Requests that were sent, for whoever counts. */
  sent = 0

  constructor(access: ClusterAccess, options: ConnectionOptions = {}) {
    this.#access = access
    this.#options = options
  }

  get name(): string {
    return this.#access.name
  }

  /** The JSON that is answered, and the status. Raises Refusal, and a Failure where nobody answers. */
  async ask(
    call: Call,
  ): Promise<{ readonly status: number; readonly content: unknown; readonly type: string }> {
    const { statusCode, headers, body } = await this.open(call)
    const text = await body.text().catch((error: unknown) => {
      throw this.#unreachable(error)
    })
    return {
      status: statusCode,
      content: JSON.parse(text) as unknown,
      type: String(headers['content-type'] ?? ''),
    }
  }

  /** The answer, once it has come, with its body still to be read. Raises the same. */
  async open(call: Call): Promise<Dispatcher.ResponseData> {
    let isRenewed = false
    for (let tries = 1; ; tries++) {
      const isLast = tries >= TRIES || call.signal?.aborted === true
      const answer = await this.#send(call).catch((error: unknown) => {
        if (isLast || !isPassing(error)) throw this.#unreachable(error)
        return undefined
      })
      if (answer !== undefined && answer.statusCode < 300) return answer
      if (answer?.statusCode === 401 && !isRenewed && (await this.#access.credentials.renew())) {
        isRenewed = true
        await discard(answer)
        continue
      }
      if (answer !== undefined && (isLast || !isBusy(answer.statusCode)))
        throw new Refusal(statusOf(answer.statusCode, await answer.body.text()))
      const asked = answer === undefined ? undefined : Number(answer.headers['retry-after'])
      if (answer !== undefined) await discard(answer)
      await this.#pause(tries, asked)
    }
  }

  async close(): Promise<void> {
    await this.#dispatcher?.made.destroy()
    this.#dispatcher = undefined
  }

  /** Waits as long as was asked for, or twice as long as the time before. */
  async #pause(tries: number, asked: number | undefined): Promise<void> {
    const own = FIRST_PAUSE_MS * 2 ** (tries - 1) * (0.75 + Math.random() / 2)
    const wait = asked !== undefined && asked >= 0 ? asked * 1000 : own
    const { signal, pause: wait_ = pausing } = this.#options
    await wait_(Math.min(wait, LONGEST_PAUSE_MS), signal)
  }

  async #send({
    signal: own,
    method = 'GET',
    path,
    query = {},
    accept,
    body,
    isFollowed,
  }: Call): Promise<Dispatcher.ResponseData> {
    const { server, credentials } = this.#access
    const presented = await credentials.current()
    const dispatcher = await this.#dispatcherFor(presented.certificate)
    const signals = [this.#options.signal, own].filter(signal => signal !== undefined)
    this.sent += 1
    return dispatcher.request({
      origin: server.origin,
      path: `${server.pathname.replace(/\/$/, '')}${path}${queryText(query)}`,
      method,
      headers: {
        'user-agent': 'tscompose',
        accept: accept ?? 'application/json',
        ...presented.headers,
        ...(body === undefined ? {} : { 'content-type': body.type }),
      },
      ...(body === undefined ? {} : { body: body.text }),
      ...(isFollowed === true ? { bodyTimeout: 0 } : {}),
      ...(signals.length === 0 ? {} : { signal: AbortSignal.any(signals) }),
    })
  }

  /** A certificate is shown when a connection is made: another one takes other connections. */
  async #dispatcherFor(certificate: Presented['certificate']): Promise<Dispatcher> {
    const kept = this.#dispatcher
    if (kept !== undefined && kept.certificate?.cert === certificate?.cert) return kept.made
    const { createDispatcher } = await import('./dispatcher.ts')
    const { proxy, tls } = this.#access
    const made = createDispatcher(proxy, { ...tls, ...certificate })
    this.#dispatcher = { certificate, made }
    void kept?.made.close()
    return made
  }

  #unreachable(error: unknown): unknown {
    if (this.#options.signal?.aborted === true || error instanceof Refusal) return error
    if (error instanceof Error && error.name === 'Failure') return error
    return failure({
      code: 'KUBERNETES_UNREACHABLE',
      kind: 'unavailable',
      summary: `the API server of "${this.#access.name}" at ${this.#access.server.origin} does not answer: ${messageOf(error)}`,
      hint: 'see whether `kubectl version` reaches it, and whether --context is the right one',
      cause: error,
    })
  }
}

/** Raises what an API server has refused as a failure that says what was to be done. */
export async function told<T>(what: string, work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (error) {
    throw error instanceof Refusal ? failureOf(error, what) : error
  }
}

async function pausing(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  await pause(milliseconds, undefined, signal === undefined ? {} : { signal })
}

/** Reads what is left, so that the connection can be used again. */
async function discard({ body }: Dispatcher.ResponseData): Promise<void> {
  await body.dump({ limit: 64 * 1024 }).catch(() => undefined)
}

/** Whether the server, or what is before it, is too busy, or is just being made anew. */
function isBusy(status: number): boolean {
  return status === 429 || (status >= 500 && status !== 501)
}

/** Connections that break, or are refused, while a server is made anew; no certificates that do not fit. */
const PASSING: ReadonlySet<string> = new Set([
  ...['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH'],
  ...['UND_ERR_SOCKET', 'UND_ERR_CONNECT_TIMEOUT', 'UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT'],
])

/** Whether a connection that broke might not break the next time. */
export function isPassing(error: unknown): boolean {
  return PASSING.has(errnoOf(error) ?? '')
}

function queryText(query: NonNullable<Call['query']>): string {
  const given = Object.entries(query).flatMap(([key, value]) =>
    value === undefined ? [] : [`${key}=${encodeURIComponent(String(value))}`],
  )
  return given.length === 0 ? '' : `?${given.join('&')}`
}
