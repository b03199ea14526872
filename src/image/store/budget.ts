import { Mutex } from '../../linux/mutex.ts'
import type { ImageRecord } from '../record.ts'
import type { StoreRemoval } from './removal.ts'
import { allConfigs, listImages, type StoreTables } from './tables.ts'
import type { BudgetOptions } from './types.ts'

/** Whoever has just pulled or built an image is about to use it. */
const RECENT_MS = 10 * 60 * 1000

/** What a budget works with. */
interface BudgetParts extends BudgetOptions {
  readonly tables: StoreTables
  readonly removal: StoreRemoval
}

/**
 * Keeps the layers of a store within a number of bytes on disk: images go that nobody uses, those first that were used least recently, each
 * with the build steps that made layers of it alone; after them further build steps. What is in use, or was within ten minutes, stays, so
 * that it may be more than the budget.
 */
export class StoreBudget {
  readonly #parts: BudgetParts
  readonly #one = new Mutex()

  constructor(parts: BudgetParts) {
    this.#parts = parts
  }

  /** Frees what is too much; the work of one call at a time. */
  enforce(): Promise<void> {
    return this.#one.run(async () => {
      if ((await this.#excess()) <= 0) return
      for (const image of await this.#unused()) {
        await this.#free(image)
        if ((await this.#excess()) <= 0) return
      }
      await this.#freeSteps(await this.#excess())
    })
  }

  /** Bytes that the layers take beyond the budget. */
  async #excess(): Promise<number> {
    const { layers } = this.#parts.tables
    let total = 0
    for (const diffId of await layers.list()) total += await layers.diskSize(diffId)
    return total - this.#parts.bytes
  }

  /** Least recently used first. */
  async #unused(): Promise<readonly ImageRecord[]> {
    const { tables, removal, keeps } = this.#parts
    const images = (await listImages(tables)).filter(
      image => removal.usersOf(image).length === 0 && !keeps(image),
    )
    const dated = await Promise.all(
      images.map(async image => ({ image, used: await tables.facts.lastUsed(image.id) })),
    )
    return dated
      .filter(({ used }) => used < Date.now() - RECENT_MS)
      .sort((a, b) => a.used - b.used)
      .map(({ image }) => image)
  }

  async #free(image: ImageRecord): Promise<void> {
    const { removal, tables, onFreed } = this.#parts
    const configsBefore = await allConfigs(tables)
    const removals = await removal.removeUnused(image.id)
    if (removals.length === 0) return
    const configs = [...(await allConfigs(tables)).values()]
    const others = new Set(configs.flatMap(({ rootfs }) => rootfs.diff_ids))
    const layers = [image.id, ...image.otherPlatforms].flatMap(
      id => configsBefore.get(id)?.rootfs.diff_ids ?? [],
    )
    const own = new Set(layers.filter(diffId => !others.has(diffId)))
    const steps = (await tables.cache.list()).filter(
      ([, { diffId }]) => diffId !== undefined && own.has(diffId),
    )
    await removal.removeSteps(steps.map(([key]) => key))
    onFreed({ image, removals })
  }

  async #freeSteps(excess: number): Promise<void> {
    const { tables, removal } = this.#parts
    const configs = [...(await allConfigs(tables)).values()]
    const ofImages = new Set(configs.flatMap(({ rootfs }) => rootfs.diff_ids))
    const steps = await Promise.all(
      (await tables.cache.list()).map(async ([key, { diffId }]) => ({
        key,
        diffId: diffId === undefined || ofImages.has(diffId) ? undefined : diffId,
        used: await tables.cache.lastUsed(key),
      })),
    )
    const going = new Set<string>()
    let left = excess
    for (const { key, diffId, used } of steps.sort((a, b) => a.used - b.used)) {
      if (left <= 0 || used >= Date.now() - RECENT_MS) break
      if (diffId === undefined) continue
      if (!steps.some(other => other.diffId === diffId && other.key !== key && !going.has(other.key)))
        left -= await tables.layers.diskSize(diffId)
      going.add(key)
    }
    await removal.removeSteps([...going])
  }
}
