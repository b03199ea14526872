import type { Duplex } from 'node:stream'
import { failure } from '../../../../diagnostics/index.ts'
import { Session, type SessionHead } from './session.ts'

/** The clients that have a session open. */
export class Sessions {
  readonly #open = new Map<string, Session>()
  readonly #waiting = new Map<string, Set<(session: Session) => void>>()

  /** Raises SESSION_EXISTS. */
  check(id: string): void {
    if (!this.#open.has(id)) return
    throw failure({
      code: 'SESSION_EXISTS',
      kind: 'invalidArgument',
      summary: `session ${id} already exists`,
    })
  }

  /** Takes a connection as a session; resolves when it has ended. */
  async serve(head: SessionHead, connection: Duplex): Promise<void> {
    this.check(head.id)
    const session = new Session(head, connection)
    this.#open.set(head.id, session)
    for (const tell of this.#waiting.get(head.id) ?? []) tell(session)
    await new Promise<void>(resolve => {
      if (session.gone.aborted) resolve()
      session.gone.addEventListener('abort', () => resolve(), { once: true })
    })
    this.#open.delete(head.id)
  }

  /** The session of that id, which may be about to come: it is waited for so many milliseconds. Raises SESSION_MISSING. */
  find(id: string, within: number, signal: AbortSignal): Promise<Session> {
    const found = this.#open.get(id)
    if (found !== undefined) return Promise.resolve(found)
    return new Promise((resolve, reject) => {
      const waiting = this.#waiting.get(id) ?? new Set()
      this.#waiting.set(id, waiting)
      const settle = (end: () => void): void => {
        clearTimeout(timer)
        signal.removeEventListener('abort', abort)
        waiting.delete(tell)
        if (waiting.size === 0) this.#waiting.delete(id)
        end()
      }
      const tell = (session: Session): void => settle(() => resolve(session))
      const abort = (): void => settle(() => reject(signal.reason))
      const timer = setTimeout(() => settle(() => reject(missing(id))), within)
      signal.addEventListener('abort', abort, { once: true })
      waiting.add(tell)
    })
  }
}

function missing(id: string): Error {
  return failure({
    code: 'SESSION_MISSING',
    kind: 'unavailable',
    summary: `no active session for ${id}: context deadline exceeded`,
  })
}
