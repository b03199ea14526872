import { type Failure, failure } from '../../diagnostics/index.ts'
import { type Platform, platformDistance } from '../../oci/platform.ts'
import type { ImageConfig } from '../config.ts'
import type { ImageRecord } from '../record.ts'
import { BuildCache } from './cache.ts'
import { ConfigStore } from './configs.ts'
import { FactsStore } from './facts.ts'
import { type FindId, findImageId, referenceKey } from './find.ts'
import { LayerStore } from './layers.ts'
import type { StoreLayout } from './layout.ts'
import { ManifestStore } from './manifests.ts'
import { recordOf } from './record-of.ts'
import { type References, ReferenceTable } from './references.ts'

/** What a store has on disk, each kind of thing by itself. */
export interface StoreTables {
  readonly layout: StoreLayout
  readonly layers: LayerStore
  readonly configs: ConfigStore
  readonly facts: FactsStore
  readonly manifests: ManifestStore
  readonly references: ReferenceTable
  readonly cache: BuildCache
}

/** The tables of a store; `onBroken` is told where a file lies that could not be read, `sync` waits for the disk. */
export function openTables(
  layout: StoreLayout,
  onBroken: (path: string) => void,
  sync: (folder: string) => Promise<void>,
): StoreTables {
  return {
    layout,
    layers: new LayerStore(layout, sync),
    configs: new ConfigStore(layout.configs, onBroken),
    facts: new FactsStore(layout.facts, onBroken),
    manifests: new ManifestStore(layout.manifests, onBroken),
    references: new ReferenceTable(layout.references, onBroken),
    cache: new BuildCache(layout.cache),
  }
}

/**
 * The image of that name, or undefined; one that is removed and that containers are made of only by its whole id. Where a platform is
 * named it is the one of the name's images that fits best; where none does, the one that the name means.
 */
export async function resolveImage(
  tables: StoreTables,
  name: string,
  platform?: Platform,
  find: FindId = findImageId,
): Promise<ImageRecord | undefined> {
  const references = await tables.references.read()
  const id =
    find(name, references.ids, await tables.configs.ids()) ??
    (await tables.configs.retired()).find(retired => retired === name)
  const record = id === undefined ? undefined : await readRecord(tables, id, references)
  if (record === undefined || platform === undefined) return record
  return closest(await withOthers(tables, record, name, references), platform) ?? record
}

/** As `ImageStore.platformsOf`. */
export async function imagesOfName(tables: StoreTables, name: string): Promise<readonly ImageRecord[]> {
  return withOthers(tables, await inspectImage(tables, name), name, await tables.references.read())
}

/** A tag has its own others; an id those of all tags of the image. */
async function withOthers(
  tables: StoreTables,
  record: ImageRecord,
  name: string,
  references: References,
): Promise<readonly ImageRecord[]> {
  const key = referenceKey(name) ?? ''
  const others = references.ids.has(key) ? (references.others.get(key) ?? []) : record.otherPlatforms
  const read = await Promise.all(others.map(other => readRecord(tables, other, references)))
  return [record, ...read.filter(each => each !== undefined)]
}

function closest(images: readonly ImageRecord[], platform: Platform): ImageRecord | undefined {
  const fitting = images.flatMap(image => {
    const distance = platformDistance(platform, image)
    return distance === undefined ? [] : [{ image, distance }]
  })
  return fitting.sort((a, b) => a.distance - b.distance)[0]?.image
}

/** As `resolveImage`; raises IMAGE_NOT_FOUND. */
export async function inspectImage(tables: StoreTables, name: string): Promise<ImageRecord> {
  const record = await resolveImage(tables, name)
  if (record === undefined) throw notFound(name)
  return record
}

/** All images, newest first; those that are only another's for a further platform are told with that. */
export async function listImages(tables: StoreTables): Promise<readonly ImageRecord[]> {
  const references = await tables.references.read()
  const named = new Set(references.ids.values())
  const hidden = new Set([...references.others.values()].flat().filter(id => !named.has(id)))
  const ids = (await tables.configs.ids()).filter(id => !hidden.has(id))
  const records = await Promise.all(ids.map(id => readRecord(tables, id, references)))
  return records
    .filter(record => record !== undefined)
    .sort((a, b) => (a.created === b.created ? (a.id < b.id ? -1 : 1) : a.created < b.created ? 1 : -1))
}

async function readRecord(
  { configs, facts, layers }: StoreTables,
  id: string,
  references: References,
): Promise<ImageRecord | undefined> {
  const config = await configs.read(id)
  if (config === undefined) return undefined
  const own = [...references.ids].filter(([, image]) => image === id).map(([key]) => key)
  const others = new Set(own.flatMap(key => references.others.get(key) ?? []))
  const known = await facts.read(id)
  const infos = await Promise.all(config.rootfs.diff_ids.map(diffId => layers.info(diffId)))
  const parent = known.parent !== undefined && (await configs.read(known.parent)) ? known.parent : ''
  const { lastTagTime } = known
  return recordOf({ id, config, references: own, otherPlatforms: [...others], parent, lastTagTime, infos })
}

/** The configs of all images, by id, also of those that containers alone keep. */
export async function allConfigs({ configs }: StoreTables): Promise<ReadonlyMap<string, ImageConfig>> {
  const ids = [...(await configs.ids()), ...(await configs.retired())]
  const read = await Promise.all(ids.map(async id => [id, await configs.read(id)] as const))
  return new Map(read.flatMap(([id, config]) => (config === undefined ? [] : [[id, config] as const])))
}

/** IMAGE_NOT_FOUND: the store has no image of that name. */
export function notFound(name: string): Failure {
  return failure({
    code: 'IMAGE_NOT_FOUND',
    kind: 'notFound',
    summary: `image "${name}" is not in the store`,
  })
}
