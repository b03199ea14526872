import { readdir, rm, stat, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import { errnoOf } from '../../diagnostics/index.ts'
import { readIfThere, writeFileAtomicSync } from '../../linux/atomic-file.ts'
import { hexOf, isDigest } from '../../oci/digest.ts'

/** What a build step made the last time that it ran with the same inputs. */
export interface CacheEntry {
  /** Layer of the step; absent when it changed no file. */
  readonly diffId?: string
  /** When it was made, RFC 3339; becomes part of the image, so that a cached build is the same image again. */
  readonly created: string
  /** The instruction, for people who look. */
  readonly text: string
}

/** How a step uses the cache. */
export interface CacheUse {
  /** Do not look, make it anew. */
  readonly fresh: boolean
  /** Whether what an entry names is still there. */
  readonly usable: (entry: CacheEntry) => Promise<boolean>
  readonly make: () => Promise<CacheEntry>
}

/** The build cache: digest of a step's inputs → what it made. Losing an entry costs time, never correctness. */
export class BuildCache {
  readonly #folder: string
  readonly #running = new Map<string, Promise<CacheEntry>>()

  constructor(folder: string) {
    this.#folder = folder
  }

  /**
   * The entry of a key, made when there is none. Steps with one key at the same time make it once: otherwise two
   * builds would end with two layers for the same step, and the next build of one of them would start over.
   */
  async once(key: string, use: CacheUse): Promise<{ readonly entry: CacheEntry; readonly made: boolean }> {
    // What another step makes of the key at this moment; those that failed do not count.
    for (let running = this.#running.get(key); running !== undefined; running = this.#running.get(key)) {
      const [result] = await Promise.allSettled([running])
      if (result.status === 'fulfilled') return { entry: result.value, made: false }
    }
    // From the last look to the entry in the map nothing may wait, or two would begin.
    const work = this.#findOrMake(key, use)
    const entry = work.then(result => result.entry)
    entry.catch(() => undefined)
    this.#running.set(key, entry)
    try {
      return await work
    } finally {
      this.#running.delete(key)
    }
  }

  async #findOrMake(key: string, use: CacheUse): Promise<{ entry: CacheEntry; made: boolean }> {
    const found = use.fresh ? undefined : await this.read(key)
    if (found !== undefined && (await use.usable(found))) {
      await this.#touch(key)
      return { entry: found, made: false }
    }
    const entry = await use.make()
    await this.write(key, entry)
    return { entry, made: true }
  }

  async read(key: string): Promise<CacheEntry | undefined> {
    const text = await readIfThere(this.#path(key))
    return text === undefined ? undefined : parseEntry(text)
  }

  async write(key: string, entry: CacheEntry): Promise<void> {
    // Nobody waits for the disk: an entry that a crash of the machine takes is made again.
    writeFileAtomicSync(this.#path(key), Buffer.from(`${JSON.stringify(entry)}\n`), { durable: false })
  }

  /** Keys and what they made. */
  async list(): Promise<readonly (readonly [string, CacheEntry])[]> {
    const names = await readdir(this.#folder)
    const keys = names.map(name => `sha256:${name.replace(/\.json$/, '')}`).filter(isDigest)
    const entries = await Promise.all(keys.map(async key => [key, await this.read(key)] as const))
    return entries.flatMap(([key, entry]) => (entry === undefined ? [] : [[key, entry] as const]))
  }

  /** When a step was used last, milliseconds since 1970: the time of its file. */
  async lastUsed(key: string): Promise<number> {
    try {
      return (await stat(this.#path(key))).mtimeMs
    } catch (error) {
      if (errnoOf(error) === 'ENOENT') return 0
      throw error
    }
  }

  async #touch(key: string): Promise<void> {
    const now = new Date()
    try {
      await utimes(this.#path(key), now, now)
    } catch (error) {
      // A prune took it meanwhile.
      if (errnoOf(error) !== 'ENOENT') throw error
    }
  }

  async remove(key: string): Promise<void> {
    await rm(this.#path(key), { force: true })
  }

  #path(key: string): string {
    return join(this.#folder, `${hexOf(key)}.json`)
  }
}

/** A torn or foreign file is as good as none: the step runs again. */
function parseEntry(text: string): CacheEntry | undefined {
  try {
    const value = JSON.parse(text) as Partial<CacheEntry> | null
    if (typeof value?.created !== 'string' || typeof value.text !== 'string') return undefined
    return value as CacheEntry
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}
