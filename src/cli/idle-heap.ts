import { getHeapStatistics, setFlagsFromString } from 'node:v8'
import { errnoOf } from '../diagnostics/index.ts'

/** What is looked at of this process, and how its heap is emptied. */
export interface Heap {
  /** The part of the time since it was asked last in which this thread has worked. */
  utilization(): number
  /** Bytes that the heap has of the system, used or not. */
  size(): number
  /** Gives back what nobody uses. */
  empty(): Promise<void>
}

/** Looks in a row that find nothing going on before the heap is emptied. */
const QUIET_LOOKS = 6
/** Of the time: what those who follow something, health checks and the like take. */
const QUIET = 0.05
/** Bytes that are worth it. */
const WORTH = 8 * 1024 * 1024

/**
 * Empties the heap when the work of many requests is over: what is made for them is garbage soon, and V8 keeps the room for it as long as nobody
 * wants any more. So the room for new objects may be large, and is not there while nothing happens.
 */
export class IdleHeap {
  readonly #heap: Heap
  readonly #worth: number
  #least = 0
  #quiet = 0

  /** `worth`: bytes that it has to have grown by. */
  constructor({ heap = OWN, worth = WORTH }: { readonly heap?: Heap; readonly worth?: number } = {}) {
    this.#heap = heap
    this.#worth = worth
    heap.utilization()
  }

  /** To be called several times a second, with nothing to wait for but this. */
  async look(): Promise<void> {
    this.#quiet = this.#heap.utilization() < QUIET ? this.#quiet + 1 : 0
    if (this.#quiet === QUIET_LOOKS) await this.empty()
  }

  /** Empties it where that is worth it; for whoever knows that nothing happens. */
  async empty(): Promise<void> {
    if (this.#heap.size() < this.#least + this.#worth) return
    await this.#heap.empty()
    this.#least = this.#heap.size()
  }
}

let before = performance.eventLoopUtilization()

const OWN: Heap = {
  utilization() {
    const now = performance.eventLoopUtilization()
    const { utilization } = performance.eventLoopUtilization(now, before)
    before = now
    return utilization
  },
  size: () => getHeapStatistics().total_physical_size,
  empty: emptyOwn,
}

/** As V8 does when it hears that memory is low: its `gc` would leave the room for new objects as large as it is. */
async function emptyOwn(): Promise<void> {
  try {
    const { Session } = await import('node:inspector')
    const session = new Session()
    session.connect()
    // The next command would have to compile what it runs: that took it 20 ms. Nothing is loaded meanwhile that would mind the flag.
    setFlagsFromString('--no-flush-bytecode')
    await new Promise<void>(resolve => session.post('HeapProfiler.collectGarbage', () => resolve()))
    setFlagsFromString('--flush-bytecode')
    session.disconnect()
  } catch (error) {
    // A Node that was built without it keeps what it has.
    if (errnoOf(error) !== 'ERR_INSPECTOR_NOT_AVAILABLE') throw error
  }
}
