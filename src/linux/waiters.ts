/** Who waits for something to happen, each for so long at most. */
export class Waiters {
  readonly #all = new Set<() => void>()

  /** Resolves when it is woken, after so many milliseconds at the latest. */
  wait(milliseconds: number): Promise<void> {
    return new Promise(resolve => {
      const go = (): void => {
        clearTimeout(timer)
        this.#all.delete(go)
        resolve()
      }
      const timer = setTimeout(go, milliseconds)
      this.#all.add(go)
    })
  }

  /** Wakes who has waited for longest. */
  wakeOne(): void {
    const [first] = this.#all
    first?.()
  }

  wakeAll(): void {
    for (const go of [...this.#all]) go()
  }
}
