import type { MonitorConnection } from '../../native/index.ts'

/** A client that attached while the container had no monitor: it is joined before the payload starts. */
export interface PendingAttach {
  /** Takes the session over to the monitor. */
  join(connect: () => Promise<MonitorConnection>): Promise<void>
  /** The start failed: the session ends. */
  fail(error: unknown): void
}
