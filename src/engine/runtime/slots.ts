import type { Slot } from '../../native/index.ts'

/** Hands out the numbered places for file descriptors of one program. */
export class Slots {
  #next = 0

  /** The next free slot. The native decoder refuses programs with more than there are. */
  take(): Slot {
    this.#next += 1
    return this.#next - 1
  }
}
