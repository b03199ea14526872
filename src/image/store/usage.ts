import type { ImageConfig } from '../config.ts'
import type { BuildCache, CacheEntry } from './cache.ts'
import type { LayerStore } from './layers.ts'

/** What a build step keeps. */
export interface CacheUsage {
  readonly key: string
  readonly entry: CacheEntry
  /** Milliseconds since 1970. */
  readonly lastUsed: number
  /** Bytes of its layer; 0 without one. */
  readonly size: number
  /** Whether an image has that layer, too. */
  readonly shared: boolean
}

/** What takes space in a store. */
export interface StoreUsage {
  /** Bytes on disk of all layers but those that the build cache alone keeps; those that nobody needs are in it. */
  readonly layersSize: number
  /** Of each image, by id: bytes of the layers that other images have, too. */
  readonly sharedSizes: ReadonlyMap<string, number>
  readonly cache: readonly CacheUsage[]
}

/** Measures a store. `configs` are those of its images, by id. */
export async function measureUsage(
  layers: LayerStore,
  cache: BuildCache,
  configs: ReadonlyMap<string, ImageConfig>,
): Promise<StoreUsage> {
  const users = new Map<string, number>()
  for (const { rootfs } of configs.values())
    for (const diffId of new Set(rootfs.diff_ids)) users.set(diffId, (users.get(diffId) ?? 0) + 1)
  const usage = await cacheUsage(layers, cache, new Set(users.keys()))
  const cached = new Set(usage.flatMap(({ entry }) => entry.diffId ?? []))
  let layersSize = 0
  for (const diffId of await layers.list())
    if (users.has(diffId) || !cached.has(diffId)) layersSize += await layers.diskSize(diffId)
  const sharedSizes = new Map<string, number>()
  for (const [id, { rootfs }] of configs) {
    const shared = [...new Set(rootfs.diff_ids)].filter(diffId => (users.get(diffId) ?? 0) > 1)
    const infos = await Promise.all(shared.map(diffId => layers.info(diffId)))
    sharedSizes.set(
      id,
      infos.reduce((total, info) => total + (info?.size ?? 0), 0),
    )
  }
  return { layersSize, sharedSizes, cache: usage }
}

/** What the steps of the build cache keep; `ofImages` are the layers that images have. */
export async function cacheUsage(
  layers: LayerStore,
  cache: BuildCache,
  ofImages: ReadonlySet<string>,
): Promise<readonly CacheUsage[]> {
  return Promise.all(
    (await cache.list()).map(async ([key, entry]) => ({
      key,
      entry,
      lastUsed: await cache.lastUsed(key),
      size: entry.diffId === undefined ? 0 : ((await layers.info(entry.diffId))?.size ?? 0),
      shared: entry.diffId !== undefined && ofImages.has(entry.diffId),
    })),
  )
}

/** What of a build cache goes. */
export interface CachePruneOptions {
  /** Only steps that were last used before, milliseconds since 1970. */
  readonly unusedSince?: number
  /** Only these, by their keys or what those begin with (without `sha256:`). */
  readonly ids?: readonly string[]
  /** Bytes that may stay: those that were used least recently go first. */
  readonly keepBytes?: number
}

/** The keys that go, least recently used first. A layer that several steps made counts once. */
export function chooseForPruning(
  usage: readonly CacheUsage[],
  { unusedSince = Number.POSITIVE_INFINITY, ids, keepBytes = 0 }: CachePruneOptions,
): readonly string[] {
  const oldestFirst = usage.toSorted((a, b) => a.lastUsed - b.lastUsed)
  const steps = new Map<string, number>()
  let kept = 0
  for (const { entry, size, shared } of usage) {
    if (entry.diffId === undefined || shared) continue
    const others = steps.get(entry.diffId) ?? 0
    if (others === 0) kept += size
    steps.set(entry.diffId, others + 1)
  }
  const chosen: string[] = []
  for (const { key, entry, lastUsed, size, shared } of oldestFirst) {
    if (keepBytes > 0 && kept <= keepBytes) break
    if (lastUsed >= unusedSince) continue
    if (ids !== undefined && !ids.some(id => key.slice('sha256:'.length).startsWith(id))) continue
    chosen.push(key)
    if (entry.diffId === undefined || shared) continue
    const left = (steps.get(entry.diffId) ?? 1) - 1
    steps.set(entry.diffId, left)
    if (left === 0) kept -= size
  }
  return chosen
}
