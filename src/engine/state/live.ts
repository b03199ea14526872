import type { MonitorConnection, MonitorStatus } from '../../native/index.ts'
import type { RuntimeSpec } from '../runtime/index.ts'

/** A container's monitor, while there is one: the container runs, waits for a restart, or is about to start. */
export class Live {
  /** Made anew when it breaks while the monitor lives. */
  connection: MonitorConnection
  /** What it was compiled from, for execs; an adopted container's is found out when it is needed. */
  spec: () => Promise<RuntimeSpec>
  /** Whether this engine has begun it, and so knows all that was done since. */
  readonly isBegunHere: boolean
  /** What the monitor said last; undefined until it has said something. */
  status: MonitorStatus | undefined
  /** It slept without a process, and its monitor could not begin its next run when somebody came. */
  hasFailedToWake = false
  /** Called once, before the next death is told: a stop that has caused it. */
  beforeDeath: (() => void) | undefined
  /** Resolves when the container has ended for good and its state is recorded. */
  readonly settled: Promise<void>
  #settle: () => void = () => {}
  readonly #lossListeners: (() => void)[] = []
  readonly #unhealthyListeners: (() => void)[] = []

  constructor(connection: MonitorConnection, spec: () => Promise<RuntimeSpec>, isBegunHere = false) {
    this.connection = connection
    this.isBegunHere = isBegunHere
    this.spec = spec
    this.settled = new Promise<void>(resolve => {
      this.#settle = resolve
    })
  }

  settle(): void {
    this.#settle()
  }

  /** Calls `listener` each time that the monitor is found gone, or cannot be reached, without having told an end. */
  onLoss(listener: () => void): void {
    this.#lossListeners.push(listener)
  }

  tellLoss(): void {
    for (const listener of this.#lossListeners) listener()
  }

  /** Calls `listener` each time that probes find the container unhealthy. */
  onUnhealthy(listener: () => void): void {
    this.#unhealthyListeners.push(listener)
  }

  tellUnhealthy(): void {
    for (const listener of this.#unhealthyListeners) listener()
  }
}
