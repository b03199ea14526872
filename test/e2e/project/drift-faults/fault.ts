import type { DriftedProject } from './project.ts'

/** Something that is done to the kernel behind the engine's back. */
export interface Fault {
  readonly name: string
  inject(project: DriftedProject): void | Promise<void>
  /** All that `drift` tells then, and no more: `<container or network without the project> <path>`. */
  readonly seen: readonly string[]
  /** It is put right without an `up`, within a moment: whether it is by now. */
  healsItself?(project: DriftedProject): boolean
  /** Services whose containers `up` has to restart for it; all others keep their processes. */
  readonly restarts?: readonly string[]
  /** Nothing can put it right while it runs: it is told, and `up` leaves it. */
  readonly stays?: true
  /** What is so by then besides, beyond what drift tells; what it raises fails the test. */
  check?(project: DriftedProject): void | Promise<void>
}
