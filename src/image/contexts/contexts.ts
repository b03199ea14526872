import { mkdir, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { Failure, failure, isDiskFull } from '../../diagnostics/index.ts'
import { KeyedMutex } from '../../linux/keyed-mutex.ts'
import { namesIn } from '../../linux/names-in.ts'
import { folderSize, removeTree } from '../../native/index.ts'
import type { TreeOperations } from '../layer/trees.ts'
import { differenceOf, isNothing } from './difference.ts'
import { digestOfKept } from './kept-digest.ts'
import { indexPath, type KeptIndex, readHead, readIndex } from './kept-index.ts'
import { changeTree, filesOf } from './kept-tree.ts'
import { type ContextManifest, gone } from './manifest.ts'

/** Bytes that contexts may keep together: those that were used least recently go. */
const BUDGET = 8 * 1024 ** 3

/** What an engine says of a manifest. */
export interface ContextAnswer {
  /** Places in the manifest of the files whose content it lacks. */
  readonly missing: readonly number[]
  /** Names the kept tree when it is already what the manifest says. */
  readonly token?: string
}

/** A kept tree that stays as it is until it is released. */
export interface HeldContext {
  readonly folder: string
  /** As `digestTree` of what lies at a path without links, absolute inside the tree; reads no file. */
  digest(path: string): Promise<string>
  release(): void
}

/** A kept context, as space is told. */
export interface ContextSpace {
  readonly key: string
  /** Milliseconds since 1970. */
  readonly lastUsed: number
  readonly inUse: boolean
  readonly onDisk: number
}

/**
 * The contexts of builds, kept as they were last sent, so that only what has changed since has to travel. A cache: what is
 * in doubt, is of another boot or does not fit into the budget is sent again. `token`s name a tree in one state.
 */
export class KeptContexts {
  readonly #folder: string
  readonly #trees: TreeOperations
  readonly #locks = new KeyedMutex()
  readonly #held = new Map<string, number>()
  readonly #recent = new Map<string, WeakRef<KeptIndex>>()

  constructor(folder: string, trees: TreeOperations) {
    this.#folder = folder
    this.#trees = trees
  }

  /** What of a context is missing. */
  check(manifest: ContextManifest): Promise<ContextAnswer> {
    return this.#locks.run(manifest.key, async () => {
      const index = (await this.#indexOf(manifest.key)) ?? { generation: '', entries: [], unsure: [] }
      const difference = differenceOf(index, manifest)
      if (index.generation !== '' && index.unsure.length === 0 && isNothing(difference))
        return { missing: [], token: tokenOf(manifest.key, index) }
      const missing = manifest.entries.flatMap(({ name, type }, at) =>
        type === 'file' && !difference.same.has(name) ? [at] : [],
      )
      return { missing }
    })
  }

  /** Takes the content of the files that were missing, as a tar; the token. Raises CONTEXT_BUSY, CONTEXT_GONE, CONTEXT_INVALID. */
  async fill(manifest: ContextManifest, tar: Readable, signal: AbortSignal): Promise<string> {
    const { key } = manifest
    await mkdir(this.#folder, { recursive: true, mode: 0o700 })
    const token = await this.#locks.run(key, async () => {
      const before = await this.#indexOf(key)
      const isSame = before !== undefined && isNothing(differenceOf(before, manifest))
      if (this.#held.has(key) && !isSame) throw busy()
      const changing = changeTree(this.#trees, join(this.#folder, key), manifest, { tar, signal })
      const index = await changing.catch(async error => {
        if (isFull(error)) await this.#removeUnheld(key)
        throw error
      })
      this.#recent.set(key, new WeakRef(index))
      return tokenOf(key, index)
    })
    await this.#trim(key)
    return token
  }

  /** A cache must not be what fills a disk. */
  async #removeUnheld(key: string): Promise<void> {
    if (this.#held.has(key)) return
    this.#recent.delete(key)
    await removeTree(join(this.#folder, key))
  }

  /** Holds the tree that a token names. Raises CONTEXT_GONE. */
  hold(token: string): Promise<HeldContext> {
    const [key = '', generation] = token.split('.')
    if (!/^[0-9a-f]{64}$/.test(key)) throw gone()
    return this.#locks.run(key, async () => {
      const folder = join(this.#folder, key)
      const index = await this.#indexOf(key)
      if (index === undefined || index.generation !== generation || index.unsure.length > 0) throw gone()
      const now = new Date()
      await utimes(indexPath(folder), now, now)
      this.#held.set(key, (this.#held.get(key) ?? 0) + 1)
      return {
        folder: filesOf(folder),
        digest: async path => digestOfKept(index, path),
        release: once(() => this.#release(key)),
      }
    })
  }

  /** What is kept, and what it takes on disk. */
  async usage(): Promise<readonly ContextSpace[]> {
    const kept = await this.#list()
    return await Promise.all(
      kept.map(async ({ key, used }) => ({
        key,
        lastUsed: used,
        inUse: this.#held.has(key),
        onDisk: await folderSize(join(this.#folder, key)),
      })),
    )
  }

  /** Removes what no build holds, and none has used since `unusedSince` (milliseconds); the bytes that came free. */
  async prune(unusedSince: number = Number.POSITIVE_INFINITY): Promise<number> {
    let reclaimed = 0
    for (const { key, size, used } of await this.#list())
      if (used < unusedSince && (await this.#remove(key))) reclaimed += size
    return reclaimed
  }

  #release(key: string): void {
    const count = (this.#held.get(key) ?? 0) - 1
    if (count > 0) this.#held.set(key, count)
    else this.#held.delete(key)
  }

  /** An index is read again and again within one build, and takes longer to read than all else. */
  async #indexOf(key: string): Promise<KeptIndex | undefined> {
    const folder = join(this.#folder, key)
    const recent = this.#recent.get(key)?.deref()
    const head = await readHead(folder)
    if (recent !== undefined && recent.generation === head?.generation) return recent
    const index = await readIndex(folder)
    if (index === undefined) this.#recent.delete(key)
    else this.#recent.set(key, new WeakRef(index))
    return index
  }

  async #trim(keep: string): Promise<void> {
    const kept = await this.#list()
    let total = kept.reduce((sum, { size }) => sum + size, 0)
    for (const { key, size } of kept.sort((a, b) => a.used - b.used)) {
      if (total <= BUDGET) return
      if (key !== keep && (await this.#remove(key))) total -= size
    }
  }

  async #list(): Promise<{ readonly key: string; readonly size: number; readonly used: number }[]> {
    const keys = await namesIn(this.#folder)
    return await Promise.all(
      keys.map(async key => {
        const { size = 0, used = 0 } = (await readHead(join(this.#folder, key))) ?? {}
        return { key, size, used }
      }),
    )
  }

  /** Whether it went: not while a build holds it. */
  #remove(key: string): Promise<boolean> {
    return this.#locks.run(key, async () => {
      if (this.#held.has(key)) return false
      await removeTree(indexPath(join(this.#folder, key)))
      await this.#removeUnheld(key)
      return true
    })
  }
}

function tokenOf(key: string, { generation }: KeptIndex): string {
  return `${key}.${generation}`
}

function isFull(error: unknown): boolean {
  return isDiskFull(error) || (error instanceof Failure && error.code === 'DISK_FULL')
}

function once(work: () => void): () => void {
  let done = false
  return () => {
    if (!done) work()
    done = true
  }
}

function busy(): Error {
  return failure({
    code: 'CONTEXT_BUSY',
    kind: 'conflict',
    summary: 'the kept build context is in use by a build, and is another one now',
    hint: 'send the context whole',
  })
}
