import { Failure } from '../../diagnostics/index.ts'
import type { Mutex } from '../../linux/mutex.ts'
import { removeTree } from '../../native/index.ts'
import { familiarReference, parseReference } from '../../oci/reference.ts'
import type { ImageRecord } from '../record.ts'
import { referenceKey } from './find.ts'
import type { Garbage } from './garbage.ts'
import { planRemoval } from './plan-removal.ts'
import { allConfigs, inspectImage, listImages, type StoreTables } from './tables.ts'
import type {
  CachePruneResult,
  ImageUser,
  PruneOptions,
  PruneResult,
  Removal,
  RemoveOptions,
} from './types.ts'
import { type CachePruneOptions, cacheUsage, chooseForPruning } from './usage.ts'

/** What removals work with. */
interface RemovalParts {
  readonly tables: StoreTables
  readonly garbage: Garbage
  readonly usersOf: (imageId: string) => readonly ImageUser[]
  /** Held by what looks and then changes by what it has seen. */
  readonly changes: Mutex
}

/** Why an image that nobody asked to remove by name is left where it is. */
const STAYS = ['IMAGE_IN_USE', 'IMAGE_HAS_CHILDREN', 'IMAGE_NOT_FOUND']

/** Takes images, their tags and steps of the build cache out of a store. */
export class StoreRemoval {
  readonly #parts: RemovalParts

  constructor(parts: RemovalParts) {
    this.#parts = parts
  }

  /** As `ImageStore.remove`. */
  remove(name: string, options: RemoveOptions): Promise<readonly Removal[]> {
    return this.#remove(name, options, false)
  }

  /** The same with all its tags, but nothing when somebody uses the image, another was committed from it, or it is gone already. */
  async removeUnused(id: string): Promise<readonly Removal[]> {
    try {
      return await this.#remove(id, { force: true }, true)
    } catch (error) {
      if (error instanceof Failure && STAYS.includes(error.code)) return []
      throw error
    }
  }

  /** Forgets steps of the build cache, and the layers that nobody else has. */
  async removeSteps(keys: readonly string[]): Promise<void> {
    const { cache } = this.#parts.tables
    const entries = await Promise.all(keys.map(key => cache.read(key)))
    for (const key of keys) await cache.remove(key)
    await this.#parts.garbage.collect(entries.flatMap(entry => entry?.diffId ?? []))
  }

  async #remove(name: string, options: RemoveOptions, onlyUnused: boolean): Promise<readonly Removal[]> {
    const { tables, garbage, changes } = this.#parts
    const { removals, diffIds } = await changes.run(async () => {
      const image = await inspectImage(tables, name)
      if (onlyUnused && this.usersOf(image).length > 0) return { removals: [], diffIds: [] }
      const ids = [image.id, ...image.otherPlatforms]
      const configs = await Promise.all(ids.map(id => tables.configs.read(id)))
      const diffIds = configs.flatMap(config => config?.rootfs.diff_ids ?? [])
      return { removals: await this.#removeNamed(name, options), diffIds }
    })
    if (!removals.some(removal => 'deleted' in removal)) return removals
    // Other layers that nobody names may be what a pull that was broken off has left for the next one.
    const collected = await garbage.collect(diffIds)
    return [...removals, ...collected.map(diffId => ({ deleted: diffId }))]
  }

  /** Who uses an image, or one for another platform that its names have. */
  usersOf({ id, otherPlatforms }: Pick<ImageRecord, 'id' | 'otherPlatforms'>): readonly ImageUser[] {
    return [id, ...otherPlatforms].flatMap(each => this.#parts.usersOf(each))
  }

  /** The tags and the image, not yet its layers. */
  async #removeNamed(name: string, options: RemoveOptions): Promise<readonly Removal[]> {
    const { tables } = this.#parts
    const image = await inspectImage(tables, name)
    const { id } = image
    const { ids: table } = await tables.references.read()
    const references = [...table].filter(([, image]) => image === id).map(([reference]) => reference)
    const key = referenceKey(name)
    const plan = planRemoval({
      name,
      imageId: id,
      references,
      reference: key !== undefined && references.includes(key) ? key : undefined,
      users: this.usersOf(image),
      hasChildren: await this.#hasChildren(id),
      force: options.force ?? false,
    })
    await tables.references.update(({ ids, others }) => {
      for (const reference of plan.untag) ids.delete(reference)
      if (plan.deleteImage)
        for (const [key, images] of others)
          others.set(
            key,
            images.filter(each => each !== id),
          )
    })
    const untagged = plan.untag.map(reference => ({ untagged: familiarReference(parseReference(reference)) }))
    const deleted = plan.deleteImage ? [id] : []
    const named = await this.#named()
    for (const other of image.otherPlatforms)
      if (!named.has(other) && !(await this.#hasChildren(other))) deleted.push(other)
    for (const each of [...deleted]) {
      const { parent } = await tables.facts.read(each)
      await this.#delete(each)
      if (options.keepParents !== true) deleted.push(...(await this.#deleteParents(parent)))
    }
    return [...untagged, ...deleted.map(each => ({ deleted: each }))]
  }

  /** What an image that has gone was committed from, and that from, as far as nobody needs it; their ids. */
  async #deleteParents(first: string | undefined): Promise<readonly string[]> {
    const { configs, facts } = this.#parts.tables
    const deleted: string[] = []
    const named = await this.#named()
    for (let id = first; id !== undefined; ) {
      const isThere = (await configs.ids()).includes(id)
      if (!isThere || named.has(id) || this.#parts.usersOf(id).length > 0 || (await this.#hasChildren(id)))
        break
      const { parent } = await facts.read(id)
      await this.#delete(id)
      deleted.push(id)
      id = parent
    }
    return deleted
  }

  /** The ids of images that have a name, their own or another's for a further platform. */
  async #named(): Promise<ReadonlySet<string>> {
    const { ids, others } = await this.#parts.tables.references.read()
    return new Set([...ids.values(), ...[...others.values()].flat()])
  }

  /** Whether an image was committed from another one. */
  async #hasChildren(parent: string): Promise<boolean> {
    const { configs, facts } = this.#parts.tables
    const known = await Promise.all((await configs.ids()).map(id => facts.read(id)))
    return known.some(each => each.parent === parent)
  }

  /** A container that is made of it keeps it for itself. */
  async #delete(id: string): Promise<void> {
    const { tables, garbage, usersOf } = this.#parts
    if (usersOf(id).length > 0) await tables.configs.retire(id)
    else await garbage.forget(id)
  }

  /** As `ImageStore.prune`. */
  async prune(options: PruneOptions): Promise<PruneResult> {
    const { tables, garbage } = this.#parts
    const before = await this.#sizes()
    const removals: Removal[] = []
    for (const record of await listImages(tables)) {
      const wanted = options.all || record.repoTags.length === 0
      if (!wanted || this.usersOf(record).length > 0) continue
      if (options.matches !== undefined && !options.matches(record)) continue
      removals.push(...(await this.removeUnused(record.id)))
    }
    await garbage.collect('all')
    return { removals, reclaimed: await this.#reclaimed(before) }
  }

  /** As `ImageStore.pruneCache`. */
  async pruneCache(options: CachePruneOptions): Promise<CachePruneResult> {
    const { tables, garbage } = this.#parts
    const { layers, cache, layout } = tables
    const before = await this.#sizes()
    const configs = [...(await allConfigs(tables)).values()]
    const ofImages = new Set(configs.flatMap(({ rootfs }) => rootfs.diff_ids))
    const usage = await cacheUsage(layers, cache, ofImages)
    const deleted = chooseForPruning(usage, options)
    for (const key of deleted) await cache.remove(key)
    // A command that runs now may have one of them mounted.
    if (garbage.isIdle && Object.keys(options).length === 0) await removeTree(layout.cacheMounts)
    const chosen = new Set(deleted)
    await garbage.collect(usage.flatMap(({ key, entry }) => (chosen.has(key) ? (entry.diffId ?? []) : [])))
    return { deleted, reclaimed: await this.#reclaimed(before) }
  }

  async #sizes(): Promise<ReadonlyMap<string, number>> {
    const { layers } = this.#parts.tables
    const diffIds = await layers.list()
    return new Map(
      await Promise.all(
        diffIds.map(async diffId => [diffId, (await layers.info(diffId))?.size ?? 0] as const),
      ),
    )
  }

  /** Bytes of the layers that are gone since. */
  async #reclaimed(before: ReadonlyMap<string, number>): Promise<number> {
    const after = await this.#sizes()
    return [...before].reduce((total, [diffId, size]) => (after.has(diffId) ? total : total + size), 0)
  }
}
