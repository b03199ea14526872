/**
 * Runs tasks of one key after another and tasks of different keys side by side: two requests about one container never
 * interleave, ten containers start in parallel.
 */
export class KeyedMutex {
  readonly #tails = new Map<string, Promise<unknown>>()

  /** Runs `task` when every earlier task of `key` has ended, whatever their outcome. */
  run<T>(key: string, task: () => Promise<T>): Promise<T> {
    const before = this.#tails.get(key) ?? Promise.resolve()
    const result = before.then(task, task)
    const tail = result.then(ignore, ignore)
    this.#tails.set(key, tail)
    void tail.then(() => {
      if (this.#tails.get(key) === tail) this.#tails.delete(key)
    })
    return result
  }

  /** Whether a task of `key` runs or waits. */
  busy(key: string): boolean {
    return this.#tails.has(key)
  }

  /** Whether no task of any key runs or waits. */
  get idle(): boolean {
    return this.#tails.size === 0
  }
}

/** The outcome belongs to the caller of `run`; the tail only orders. */
function ignore(): void {}
