import { setFlagsFromString } from 'node:v8'

/** Bytes from which on a stream is worth it. */
const LARGE = 8 * 1024 * 1024
/** By how many hundredths the heap may grow between two collections; V8's own choice is 0. */
const GROWTH = 500

let large = 0

/**
 * A stream of bytes through this process, which tells its length as it comes. V8 counts buffers as heap, and a heap as small as the
 * engine's may grow by 8 MB before all of it is marked anew: half of what the engine does for a large copy. While one passes it may grow by more;
 * buffers go in between all the same, with the young generation. V8 reads the flag at each collection, and refuses
 * code caches while it is set: files that are loaded meanwhile are compiled.
 */
export class Passage {
  #bytes = 0
  #isLarge = false
  #isOver = false

  pass(length: number): void {
    this.#bytes += length
    if (this.#isLarge || this.#isOver || this.#bytes < LARGE) return
    this.#isLarge = true
    large += 1
    if (large === 1) growBy(GROWTH)
  }

  /** Whichever way it ended; a second time does nothing. */
  end(): void {
    this.#isOver = true
    if (!this.#isLarge) return
    this.#isLarge = false
    large -= 1
    if (large === 0) growBy(0)
  }
}

function growBy(percent: number): void {
  setFlagsFromString(`--heap-growing-percent=${percent}`)
}
