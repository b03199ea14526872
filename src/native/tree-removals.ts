/** Removes one tree, or several side by side with others. */
export interface TreeRemovers {
  /** What is there for a single tree; rejects with why it cannot be removed. */
  one(path: string): Promise<void>
  /** Several, with fewer turns of this process for each; rejects where one of them cannot be removed, and some may be gone then. */
  several(paths: readonly string[]): Promise<void>
}

interface Waiting {
  readonly path: string
  readonly removed: () => void
  readonly failed: (error: unknown) => void
}

/**
 * Trees that go together at most, and how many such companies there are at a time. Each file is waited for where the disk has to hear that its blocks are free,
 * and one company has its trees removed one behind the other: of eight, ten services were taken down later on a busy machine than by Node's four threads.
 */
const COMPANY = 3
const COMPANIES = 8
/** Milliseconds in which others may come. */
const GATHERING = 2

/**
 * Removals of many trees at once. Each file of a tree that this process removes itself is a turn of its thread and of another one: for the folders of
 * a hundred containers that took more than all else of their removal. So the first goes by itself, and those who come meanwhile go together.
 */
export class TreeRemovals {
  readonly #removers: TreeRemovers
  readonly #waiting: Waiting[] = []
  /** One is removed by itself. */
  #isOneAlone = false
  #companies = 0
  #gathering: NodeJS.Timeout | undefined

  constructor(removers: TreeRemovers) {
    this.#removers = removers
  }

  async remove(path: string): Promise<void> {
    if (this.#isOneAlone || this.#waiting.length + this.#companies > 0)
      return await this.#removeTogether(path)
    this.#isOneAlone = true
    try {
      await this.#removers.one(path)
    } finally {
      this.#isOneAlone = false
    }
  }

  #removeTogether(path: string): Promise<void> {
    return new Promise((removed, failed) => {
      this.#waiting.push({ path, removed, failed })
      if (this.#waiting.length >= COMPANY) this.#leave()
      else this.#gathering ??= setTimeout(() => this.#leave(), GATHERING)
    })
  }

  #leave(): void {
    clearTimeout(this.#gathering)
    this.#gathering = undefined
    if (this.#companies === COMPANIES || this.#waiting.length === 0) return
    this.#companies += 1
    void this.#removeAll(this.#waiting.splice(0, COMPANY)).then(() => {
      this.#companies -= 1
      this.#leave()
    })
  }

  async #removeAll(company: readonly Waiting[]): Promise<void> {
    try {
      await this.#removers.several(company.map(({ path }) => path))
    } catch {
      // Whose fault it was, and why, each is told by its own removal.
      await Promise.all(
        company.map(({ path, removed, failed }) => this.#removers.one(path).then(removed, failed)),
      )
      return
    }
    for (const { removed } of company) removed()
  }
}
