import { utimesSync } from 'node:fs'
import { readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { errnoOf } from '../../diagnostics/index.ts'
import { setAside, writeFileAtomic } from '../../linux/atomic-file.ts'
import { Mutex } from '../../linux/mutex.ts'
import { RememberedFile } from '../../linux/remembered-file.ts'
import { hexOf, isDigest } from '../../oci/digest.ts'

/** A manifest or index that an image came with. */
export interface ManifestLink {
  readonly digest: string
  readonly mediaType: string
}

/** A predicate that is kept. */
export interface PredicateLink {
  readonly type: string
  readonly digest: string
}

/** What is known of an image beside its config, which its id does not cover. */
export interface ImageFacts {
  /** What it came with; an index stands before the manifest that was taken from it. */
  readonly manifests: readonly ManifestLink[]
  /** What is said of it: type, and digest of the JSON among the manifests. */
  readonly predicates?: readonly PredicateLink[]
  /** When a tag was put on it last, RFC 3339. */
  readonly lastTagTime?: string
  /** The image that it was committed from. */
  readonly parent?: string
}

const NONE: ImageFacts = { manifests: [] }

/** Milliseconds: an image that is used again within them was used when it was last written down. */
const TOUCH_EVERY = 1_000

/** The facts of a store's images, by id. Losing them costs a push its bytes as they came, and no image. */
export class FactsStore {
  readonly #folder: string
  readonly #onBroken: (path: string) => void
  readonly #mutex = new Mutex()
  readonly #files = new Map<string, RememberedFile<ImageFacts>>()
  /** When each was written down as used. */
  readonly #touched = new Map<string, number>()

  constructor(folder: string, onBroken: (path: string) => void) {
    this.#folder = folder
    this.#onBroken = onBroken
  }

  async read(id: string): Promise<ImageFacts> {
    const file = this.#files.get(id) ?? new RememberedFile(this.#path(id), text => factsOf(JSON.parse(text)))
    this.#files.set(id, file)
    try {
      return (await file.read()) ?? NONE
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error
      this.#onBroken(await setAside(this.#path(id)))
      return NONE
    }
  }

  update(id: string, change: (facts: ImageFacts) => ImageFacts): Promise<void> {
    return this.#mutex.run(async () => {
      const before = await this.read(id)
      const facts = change(before)
      // Nobody waits for the disk where all that is new is when it was tagged.
      const durable = untimed(facts) !== untimed(before)
      await writeFileAtomic(this.#path(id), `${JSON.stringify({ version: 1, ...facts })}\n`, { durable })
    })
  }

  /** When an image was used last, milliseconds since 1970: the time of its file. */
  async lastUsed(id: string): Promise<number> {
    try {
      return (await stat(this.#path(id))).mtimeMs
    } catch (error) {
      if (errnoOf(error) === 'ENOENT') return 0
      throw error
    }
  }

  /** It is used now. */
  async touch(id: string): Promise<void> {
    const since = performance.now() - (this.#touched.get(id) ?? Number.NEGATIVE_INFINITY)
    if (since < TOUCH_EVERY) return
    this.#touched.set(id, performance.now())
    const now = new Date()
    try {
      utimesSync(this.#path(id), now, now)
    } catch (error) {
      // It is being removed, or is from before there were facts.
      if (errnoOf(error) !== 'ENOENT') throw error
    }
  }

  async remove(id: string): Promise<void> {
    this.#files.delete(id)
    this.#touched.delete(id)
    await rm(this.#path(id), { force: true })
  }

  /** Removes those of images that there are not: an image that was being added gets its facts first. */
  async keepOnly(ids: ReadonlySet<string>): Promise<void> {
    for (const name of await readdir(this.#folder)) {
      const id = `sha256:${name.replace(/\.json$/, '')}`
      if (isDigest(id) && !ids.has(id)) await this.remove(id)
    }
  }

  #path(id: string): string {
    return join(this.#folder, `${hexOf(id)}.json`)
  }
}

/** The facts with manifests that are not among them yet, the latest first. */
export function withManifests(facts: ImageFacts, manifests: readonly ManifestLink[]): ImageFacts {
  const links = manifests.map(({ digest, mediaType }) => ({ digest, mediaType }))
  const others = facts.manifests.filter(each => !links.some(({ digest }) => digest === each.digest))
  return { ...facts, manifests: [...links, ...others] }
}

/** All that stays where an image is tagged anew. */
function untimed(facts: ImageFacts): string {
  return JSON.stringify({ ...facts, lastTagTime: undefined })
}

function factsOf(value: unknown): ImageFacts {
  const { manifests, predicates, lastTagTime, parent } = (value ?? {}) as {
    readonly [field: string]: unknown
  }
  return {
    manifests: Array.isArray(manifests) ? manifests.filter(isLink) : [],
    ...(Array.isArray(predicates) ? { predicates: predicates.filter(isPredicate) } : {}),
    ...(typeof lastTagTime === 'string' ? { lastTagTime } : {}),
    ...(typeof parent === 'string' ? { parent } : {}),
  }
}

function isPredicate(value: unknown): value is PredicateLink {
  const { type, digest } = (value ?? {}) as Partial<PredicateLink>
  return typeof type === 'string' && typeof digest === 'string' && isDigest(digest)
}

function isLink(value: unknown): value is ManifestLink {
  const { digest, mediaType } = (value ?? {}) as Partial<ManifestLink>
  return typeof digest === 'string' && isDigest(digest) && typeof mediaType === 'string'
}
