import { setAside, syncParent, writeFileAtomic } from '../../linux/atomic-file.ts'
import { Mutex } from '../../linux/mutex.ts'
import { RememberedFile } from '../../linux/remembered-file.ts'

/** What a name may have beside its image: full reference → ids of its images for other platforms. */
export type OtherPlatforms = ReadonlyMap<string, readonly string[]>

/** All names of a store. */
export interface References {
  /** Full reference (`docker.io/library/debian:bookworm`) → id of the image that it means where no platform is named. */
  readonly ids: ReadonlyMap<string, string>
  readonly others: OtherPlatforms
}

/** The same, to be changed; a name without an image loses its images for other platforms, too. */
interface ChangingReferences {
  readonly ids: Map<string, string>
  readonly others: Map<string, readonly string[]>
}

/** Tags of the store, in one file. */
export class ReferenceTable {
  readonly #path: string
  readonly #file: RememberedFile<References>
  readonly #onBroken: (path: string) => void
  readonly #mutex = new Mutex()

  constructor(path: string, onBroken: (path: string) => void) {
    this.#path = path
    this.#file = new RememberedFile(path, text => tableOf(JSON.parse(text)))
    this.#onBroken = onBroken
  }

  /** All of it, as it is on the disk: another engine of the same store may have written. */
  async read(): Promise<References> {
    try {
      return (await this.#file.read()) ?? NONE
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error
      this.#onBroken(await setAside(this.#path))
      return NONE
    }
  }

  /** Changes the table, one change at a time. */
  update(change: (references: ChangingReferences) => void): Promise<void> {
    return this.#mutex.run(async () => {
      const before = await this.read()
      const after = { ids: new Map(before.ids), others: new Map(before.others) }
      change(after)
      // A build that found all in its cache names what has the names already.
      const text = textOf(after)
      if (text === textOf(before)) return
      await writeFileAtomic(this.#path, text)
      await syncParent(this.#path)
    })
  }
}

const NONE: References = { ids: new Map(), others: new Map() }

function textOf({ ids, others }: References): string {
  const platforms = [...others].filter(([key, images]) => ids.has(key) && images.length > 0)
  const table = {
    version: 1,
    references: sorted([...ids]),
    ...(platforms.length === 0 ? {} : { otherPlatforms: sorted(platforms) }),
  }
  return `${JSON.stringify(table, null, 2)}\n`
}

function sorted<T>(entries: readonly (readonly [string, T])[]): Readonly<Record<string, T>> {
  return Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)))
}

function tableOf(value: unknown): References {
  const { references, otherPlatforms = {} } = (value ?? {}) as { readonly [field: string]: unknown }
  if (typeof references !== 'object' || references === null) throw new SyntaxError('no table of references')
  const isId = (id: unknown): id is string => typeof id === 'string'
  return {
    ids: new Map(Object.entries(references).filter((pair): pair is [string, string] => isId(pair[1]))),
    others: new Map(
      Object.entries(otherPlatforms ?? {}).flatMap(([key, images]) =>
        Array.isArray(images) ? [[key, images.filter(isId)] as const] : [],
      ),
    ),
  }
}
