/**
 * What is being made, started or removed, by its labels. A client that was killed leaves behind what its engine is at: whoever makes a
 * plan of what is there waits for that, lest it plans the same again. Stops are not here: one may take as long as its container likes,
 * and who wants it sooner must not wait.
 */
export class Unfinished {
  readonly #works = new Set<Work>()

  /** Does `work` on something that has these labels. */
  async run<T>(labels: Labels | undefined, work: () => Promise<T>): Promise<T> {
    const made = work()
    const entry = { labels: labels ?? {}, end: made.then(nothing, nothing) }
    this.#works.add(entry)
    try {
      return await made
    } finally {
      this.#works.delete(entry)
    }
  }

  /** Resolves when all that is being done now to what has matching labels is done, or has failed. */
  async settled(isMeant: (labels: Labels) => boolean): Promise<void> {
    await Promise.all([...this.#works].filter(({ labels }) => isMeant(labels)).map(({ end }) => end))
  }
}

type Labels = Readonly<Record<string, string>>

interface Work {
  readonly labels: Labels
  /** Never rejects: whoever asked for it hears of a failure. */
  readonly end: Promise<void>
}

function nothing(): void {}
