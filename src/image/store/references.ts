import { readIfThere, setAside, syncParent, writeFileAtomic } from '../../linux/atomic-file.ts'
import { Mutex } from '../../linux/mutex.ts'

/** Tags of the store: full reference (`docker.io/library/debian:bookworm`) → image id. */
export class ReferenceTable {
  readonly #path: string
  readonly #onBroken: (path: string) => void
  readonly #mutex = new Mutex()

  constructor(path: string, onBroken: (path: string) => void) {
    this.#path = path
    this.#onBroken = onBroken
  }

  /** All of it, read anew: another engine of the same store may have written. */
  async read(): Promise<ReadonlyMap<string, string>> {
    const text = await readIfThere(this.#path)
    if (text === undefined) return new Map()
    try {
      return tableOf(JSON.parse(text))
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error
      this.#onBroken(await setAside(this.#path))
      return new Map()
    }
  }

  /** Changes the table, one change at a time. */
  update(change: (table: Map<string, string>) => void): Promise<void> {
    return this.#mutex.run(async () => {
      const before = await this.read()
      const table = new Map(before)
      change(table)
      // A build that found all in its cache names what has the names already.
      if (isSame(before, table)) return
      const sorted = Object.fromEntries([...table].sort(([a], [b]) => (a < b ? -1 : 1)))
      await writeFileAtomic(this.#path, `${JSON.stringify({ version: 1, references: sorted }, null, 2)}\n`)
      await syncParent(this.#path)
    })
  }
}

function isSame(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): boolean {
  return before.size === after.size && [...after].every(([key, id]) => before.get(key) === id)
}

function tableOf(value: unknown): ReadonlyMap<string, string> {
  const references = (value as { references?: unknown } | null)?.references
  if (typeof references !== 'object' || references === null) throw new SyntaxError('no table of references')
  return new Map(
    Object.entries(references).filter((pair): pair is [string, string] => typeof pair[1] === 'string'),
  )
}
