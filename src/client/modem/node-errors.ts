import { errnoOf, Failure } from '../../diagnostics/index.ts'

/** A connection that failed, with the code that Node gives it: what dockerode's users look for. Ours is in the diagnostics. */
class ConnectionFailure extends Failure {
  readonly #code: string
  declare readonly errno?: number
  declare readonly syscall?: string
  declare readonly address?: string

  constructor(failure: Failure) {
    super(failure.kind, failure.diagnostics, failure.cause)
    this.#code = errnoOf(failure.cause) ?? 'ECONNRESET'
    for (const name of ['errno', 'syscall', 'address'] as const) {
      const value: unknown = failure.cause instanceof Error ? Reflect.get(failure.cause, name) : undefined
      if (value !== undefined) Object.assign(this, { [name]: value })
    }
  }

  override get code(): string {
    return this.#code
  }
}

/** What Node fails with when a signal comes. */
class AbortError extends Error {
  override readonly name = 'AbortError'
  readonly code = 'ABORT_ERR'

  constructor(reason: unknown) {
    super('The operation was aborted', { cause: reason })
  }
}

const OF_THE_CONNECTION: ReadonlySet<string> = new Set(['ENGINE_UNREACHABLE', 'ENGINE_TIMEOUT'])

/** An error of a call as docker-modem would give it. */
export function asNodeError(error: unknown): unknown {
  const isOurs = error instanceof Failure && OF_THE_CONNECTION.has(error.code)
  return isOurs ? new ConnectionFailure(error) : error
}

/** See `Message.abortError`. */
export function abortError(reason: unknown): Error {
  return new AbortError(reason)
}
