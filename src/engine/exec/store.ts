import type { ExecCreateRequest, TerminalSize } from '../../api/types/index.ts'
import { failure } from '../../diagnostics/index.ts'
import type { ExecSession } from '../../native/index.ts'
import type { ResolvedUser } from '../rootfs/index.ts'
import type { Container } from '../state/container.ts'
import type { Live } from '../state/live.ts'

/** Ended execs are kept this long for `inspect`, and never more than so many. */
const KEPT_MILLISECONDS = 5 * 60_000
const MOST_KEPT = 500

/**
 * An exec from its create to some minutes after its end; one that is never started goes with its container's end, as with
 * Docker. It lives with the engine: a new engine knows none.
 */
export interface Exec {
  readonly id: string
  readonly container: Container
  readonly request: ExecCreateRequest
  /** Found at the create, which is told of one that is not there; absent: the container's own. */
  readonly user?: ResolvedUser
  state: 'created' | 'running' | 'ended'
  /** While it runs: it has streams and what lies in them. */
  session?: ExecSession
  /** Told also of one that has ended, as Docker does: the number may be another's by now. */
  pid?: number
  /** Asked for before there was a session to tell. */
  size?: TerminalSize
  exitCode?: number
}

/** All execs that can still be asked for. */
export class ExecStore {
  readonly #byId = new Map<string, Exec>()
  /** Runs of containers whose end is waited for: once each, however many execs they see. */
  readonly #awaited = new WeakSet<Live>()

  /** `live`: the run of the container that the exec would join. */
  add(exec: Exec, live: Live): void {
    this.#byId.set(exec.id, exec)
    exec.container.execIds.add(exec.id)
    if (this.#awaited.has(live)) return
    this.#awaited.add(live)
    void live.settled.then(() => this.#forgetUnstarted(exec.container))
  }

  #forgetUnstarted({ execIds }: Container): void {
    for (const id of execIds) {
      if (this.#byId.get(id)?.state !== 'created') continue
      execIds.delete(id)
      this.#byId.delete(id)
    }
  }

  /** EXEC_NOT_FOUND when there is none. */
  resolve(id: string): Exec {
    const exec = this.#byId.get(id)
    if (exec !== undefined) return exec
    throw failure({ code: 'EXEC_NOT_FOUND', kind: 'notFound', summary: `No such exec instance: ${id}` })
  }

  /** The process has ended, or could not be started. */
  end(exec: Exec, exitCode: number): void {
    exec.state = 'ended'
    exec.container.users.delete(exec)
    exec.exitCode = exitCode
    delete exec.session
    const { id } = exec
    exec.container.execIds.delete(id)
    // Of the exec itself it holds nothing, which may be forgotten before.
    setTimeout(forget, KEPT_MILLISECONDS, this.#byId, id).unref()
    if (this.#byId.size <= MOST_KEPT) return
    for (const other of this.#byId.values()) {
      if (other.state !== 'ended') continue
      this.#byId.delete(other.id)
      break
    }
  }

  /** How many processes run now. */
  get running(): number {
    return [...this.#byId.values()].filter(exec => exec.state === 'running').length
  }
}

function forget(execs: Map<string, Exec>, id: string): void {
  execs.delete(id)
}
