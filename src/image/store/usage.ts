import { statSync } from 'node:fs'
import { join } from 'node:path'
import { namesIn } from '../../linux/names-in.ts'
import { folderSize } from '../../native/index.ts'
import type { ImageConfig } from '../config.ts'
import type { BuildCache, CacheEntry } from './cache.ts'
import type { LayerStore } from './layers.ts'
import type { StoreTables } from './tables.ts'

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

/** A build step, as space is told: a layer that several steps made is the first one's, and shared for the others. */
export interface StepSpace extends CacheUsage {
  /** Bytes on disk of its layer with all that belongs to it. */
  readonly onDisk: number
}

/** The folder of a RUN --mount=type=cache. */
export interface CacheMountSpace {
  readonly key: string
  readonly onDisk: number
  /** Milliseconds since 1970. */
  readonly lastUsed: number
}

/** What takes space in a store. */
export interface StoreUsage {
  /** Bytes on disk of all layers but those that the build cache alone keeps, those that nobody needs in it, and of what is written about images. */
  readonly layersSize: number
  /** Of each image, by id: bytes of the layers that other images have, too. */
  readonly sharedSizes: ReadonlyMap<string, number>
  readonly cache: readonly StepSpace[]
  readonly cacheMounts: readonly CacheMountSpace[]
}

/** Measures a store. `configs` are those of its images, by id. */
export async function measureUsage(
  { layers, cache, layout }: Pick<StoreTables, 'layers' | 'cache' | 'layout'>,
  configs: ReadonlyMap<string, ImageConfig>,
): Promise<StoreUsage> {
  const users = new Map<string, number>()
  for (const { rootfs } of configs.values())
    for (const diffId of new Set(rootfs.diff_ids)) users.set(diffId, (users.get(diffId) ?? 0) + 1)
  const usage = await cacheUsage(layers, cache, new Set(users.keys()))
  const cached = new Set(usage.flatMap(({ entry }) => entry.diffId ?? []))
  let layersSize = 0
  for (const folder of [layout.configs, layout.facts, layout.manifests]) layersSize += await filesSize(folder)
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
  return {
    layersSize,
    sharedSizes,
    cache: await stepSpaces(layers, usage),
    cacheMounts: await cacheMountSpaces(layout.cacheMounts),
  }
}

/** Bytes on disk of the files of a folder, which others may remove meanwhile. In a store of many small images they are more than a hundredth. */
async function filesSize(folder: string): Promise<number> {
  let size = 0
  for (const name of await namesIn(folder))
    size += (statSync(join(folder, name), { throwIfNoEntry: false })?.blocks ?? 0) * 512
  return size
}

async function stepSpaces(layers: LayerStore, usage: readonly CacheUsage[]): Promise<readonly StepSpace[]> {
  const seen = new Set<string>()
  const spaces: StepSpace[] = []
  for (const step of usage) {
    const { diffId } = step.entry
    const onDisk = diffId === undefined ? 0 : await layers.diskSize(diffId)
    spaces.push({ ...step, onDisk, shared: step.shared || (diffId !== undefined && seen.has(diffId)) })
    if (diffId !== undefined) seen.add(diffId)
  }
  return spaces
}

/** A pruning may empty the folder meanwhile. */
async function cacheMountSpaces(folder: string): Promise<readonly CacheMountSpace[]> {
  const spaces: CacheMountSpace[] = []
  for (const key of await namesIn(folder)) {
    const path = join(folder, key)
    const onDisk = await folderSize(path)
    const { mtimeMs = 0 } = statSync(path, { throwIfNoEntry: false }) ?? {}
    spaces.push({ key, onDisk, lastUsed: mtimeMs })
  }
  return spaces
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
