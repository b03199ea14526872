/**
 * Runs `task` so that many requests made while it runs become one next run. A request resolves when a run that began
 * after it has ended, so what the caller changed before is covered.
 */
export class Coalesced {
  readonly #task: () => Promise<void>
  readonly #gathered: () => Promise<void>
  #running: Promise<void> | undefined
  #next: Promise<void> | undefined

  /** `gathered`: until it resolves requests belong to the run that is about to begin. */
  constructor(task: () => Promise<void>, gathered: () => Promise<void> = () => Promise.resolve()) {
    this.#task = task
    this.#gathered = gathered
  }

  run(): Promise<void> {
    this.#next ??= (this.#running ?? Promise.resolve())
      .then(ignore, ignore)
      .then(this.#gathered)
      .then(() => this.#begin())
    return this.#next
  }

  #begin(): Promise<void> {
    // From here on a request needs a further run: this one may have read the state already.
    this.#next = undefined
    const running = this.#task().finally(() => {
      if (this.#running === running) this.#running = undefined
    })
    this.#running = running
    return running
  }
}

/** A failed run was reported to those who asked for it; the next one does not depend on it. */
function ignore(): void {}
