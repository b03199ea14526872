import type { Diagnostic } from '../../diagnostics/index.ts'
import { failure, messageOf } from '../../diagnostics/index.ts'
import { Mutex } from '../../linux/mutex.ts'
import { timestamp } from '../../linux/wall-clock.ts'
import { isDigest } from '../../oci/digest.ts'
import { digestOf } from '../../oci/digest-of.ts'
import { isIndexType, isManifestType } from '../../oci/media-types.ts'
import { hostPlatform, type Platform, platformDistance } from '../../oci/platform.ts'
import { canonicalReference, parseReference } from '../../oci/reference.ts'
import type { Predicate } from '../attestations/predicate.ts'
import type { ImageConfig } from '../config.ts'
import type { Pieces } from '../layer/pieces.ts'
import type { LayerUnpacker } from '../layer/unpacker.ts'
import type { ImageRecord } from '../record.ts'
import type { ManifestContent } from '../registry/index.ts'
import { StoreBudget } from './budget.ts'
import { type PredicateLink, withManifests } from './facts.ts'
import { fetchFromSources, type SharedFetches } from './fetch.ts'
import { findNamedId, meansImage, referenceKey } from './find.ts'
import { Garbage } from './garbage.ts'
import type { StoreLayout } from './layout.ts'
import type { StoreLease } from './lease.ts'
import type { PackedForm, PackedLayer } from './packed.ts'
import { StoreRemoval } from './removal.ts'
import type { ImageSource } from './source.ts'
import {
  allConfigs,
  imagesOfName,
  inspectImage,
  listImages,
  notFound,
  openTables,
  resolveImage,
  type StoreTables,
} from './tables.ts'
import type {
  BudgetOptions,
  CachePruneResult,
  EnsureOptions,
  ImageStore,
  ImageUser,
  LayerVerdict,
  PruneOptions,
  PruneResult,
  Removal,
  RemoveOptions,
} from './types.ts'
import { type CachePruneOptions, measureUsage, type StoreUsage } from './usage.ts'

/** What a store on disk is made of. */
export interface StoreParts {
  readonly layout: StoreLayout
  readonly usersOf: (imageId: string) => readonly ImageUser[]
  readonly sources: readonly ImageSource[]
  readonly unpack: LayerUnpacker
  readonly onWarning: (diagnostic: Diagnostic) => void
  /** Waits until the disk has all that was written to the filesystem of a folder. */
  readonly sync: (folder: string) => Promise<void>
  readonly budget?: BudgetOptions
  readonly keepPacked: boolean
}

interface Use {
  readonly holds: ((imageId: string) => void)[]
  readonly found: Promise<ImageRecord | undefined>
}

/** The store on disk. */
export class DiskImageStore implements ImageStore {
  readonly root: string
  readonly #sources: readonly ImageSource[]
  readonly #tables: StoreTables
  readonly #garbage: Garbage
  readonly #removal: StoreRemoval
  readonly #budget: StoreBudget | undefined
  readonly #onWarning: StoreParts['onWarning']
  readonly #fetches: SharedFetches = new Map()
  /** Held by what looks and then changes by what it has seen: a tag on an image that goes meanwhile would lead nowhere. */
  readonly #changes = new Mutex()
  /** Uses of a name that wait for their look. */
  readonly #uses = new Map<string, Use>()

  constructor({ layout, usersOf, sources, unpack, onWarning, sync, budget, keepPacked }: StoreParts) {
    this.root = layout.root
    this.#sources = sources
    const tables = openTables(layout, path => onWarning(brokenFile(path)), sync)
    this.#tables = tables
    this.#garbage = new Garbage(tables, usersOf, { unpack, keepPacked })
    this.#removal = new StoreRemoval({ tables, garbage: this.#garbage, usersOf, changes: this.#changes })
    this.#onWarning = onWarning
    if (budget !== undefined) this.#budget = new StoreBudget({ ...budget, tables, removal: this.#removal })
  }

  list(): Promise<readonly ImageRecord[]> {
    return listImages(this.#tables)
  }

  resolve(name: string, platform?: Platform): Promise<ImageRecord | undefined> {
    return resolveImage(this.#tables, name, platform)
  }

  resolveNamed(name: string, platform?: Platform): Promise<ImageRecord | undefined> {
    return resolveImage(this.#tables, name, platform, findNamedId)
  }

  async naming(): Promise<(name: string, imageId: string) => boolean> {
    const references = await this.#tables.references.read()
    return (name, imageId) => meansImage(name, imageId, references)
  }

  /** Containers that are made at the same time look once: all that ask before a look begins have what it finds. */
  use(name: string, hold: (imageId: string) => void, platform?: Platform): Promise<ImageRecord | undefined> {
    const key = JSON.stringify([name, platform])
    const asked = this.#uses.get(key)
    if (asked !== undefined) {
      asked.holds.push(hold)
      return asked.found
    }
    const holds = [hold]
    const found = this.#changes.run(async () => {
      this.#uses.delete(key)
      const record = await this.resolve(name, platform)
      if (record === undefined) return undefined
      for (const each of holds) each(record.id)
      await this.#tables.facts.touch(record.id)
      return record
    })
    this.#uses.set(key, { holds, found })
    return found
  }

  inspect(name: string): Promise<ImageRecord> {
    return inspectImage(this.#tables, name)
  }

  async layersOf(name: string): Promise<readonly string[]> {
    return this.#tables.layers.folders(await this.#diffIdsOf(name))
  }

  async highestIdOf(name: string): Promise<number> {
    const diffIds = await this.#diffIdsOf(name)
    const infos = await Promise.all(diffIds.map(diffId => this.#tables.layers.info(diffId)))
    return Math.max(0, ...infos.map(info => info?.highestId ?? 0))
  }

  /** A container names its image by the whole id, whose config never changes: each start asks it for its layers. */
  async #diffIdsOf(name: string): Promise<readonly string[]> {
    const config = isDigest(name) ? await this.#tables.configs.read(name) : undefined
    return config?.rootfs.diff_ids ?? (await this.inspect(name)).diffIds
  }

  async tag(name: string, reference: string): Promise<void> {
    const parsed = parseReference(reference)
    if (parsed.digest !== undefined) throw digestTag(reference)
    const { references, facts } = this.#tables
    await this.#changes.run(async () => {
      const { id, otherPlatforms } = await this.inspect(name)
      const key = canonicalReference(parsed)
      const from = referenceKey(name) ?? ''
      await references.update(({ ids, others }) => {
        const images = ids.get(from) === id ? (others.get(from) ?? []) : otherPlatforms
        ids.set(key, id)
        others.set(key, images)
      })
      await facts.update(id, known => ({ ...known, lastTagTime: timestamp() }))
    })
  }

  async confirm(id: string): Promise<void> {
    await this.#changes.run(() =>
      this.#tables.facts.update(id, known => ({ ...known, lastTagTime: timestamp() })),
    )
  }

  async addImage(
    config: ImageConfig,
    references: readonly string[] = [],
    bytes?: Uint8Array,
    manifests: readonly ManifestContent[] = [],
    parent?: string,
  ): Promise<ImageRecord> {
    const tables = this.#tables
    const keys = references.map(reference => canonicalReference(parseReference(reference)))
    await tables.layers.folders(config.rootfs.diff_ids)
    await tables.layers.settle(config.rootfs.diff_ids)
    return this.#changes.run(async () => {
      for (const manifest of manifests) await tables.manifests.add(manifest)
      const written = bytes ?? Buffer.from(JSON.stringify(config))
      await tables.facts.update(digestOf(written), facts => ({
        ...withManifests(facts, manifests),
        ...(parent === undefined ? {} : { parent }),
        ...(keys.length === 0 ? {} : { lastTagTime: timestamp() }),
      }))
      const id = await tables.configs.add(written)
      if (keys.length > 0) {
        await tables.references.update(({ ids, others }) => {
          for (const key of keys) {
            ids.set(key, id)
            others.delete(key)
          }
        })
      }
      return this.inspect(id)
    })
  }

  async nameAll(references: readonly string[], images: readonly string[]): Promise<void> {
    const keys = references.map(reference => canonicalReference(parseReference(reference)))
    const { references: table, facts } = this.#tables
    await this.#changes.run(async () => {
      const records = await Promise.all(images.map(id => this.inspect(id)))
      const main =
        records.find(record => platformDistance(hostPlatform(), record) !== undefined) ?? records[0]
      if (main === undefined) return
      await table.update(({ ids, others }) => {
        for (const key of keys) {
          ids.set(key, main.id)
          others.set(
            key,
            [...new Set(images)].filter(id => id !== main.id),
          )
        }
      })
      await facts.update(main.id, known => ({ ...known, lastTagTime: timestamp() }))
    })
  }

  platformsOf(name: string): Promise<readonly ImageRecord[]> {
    return imagesOfName(this.#tables, name)
  }

  async documentOf(name: string, digest: string): Promise<Uint8Array | undefined> {
    const { facts, manifests } = this.#tables
    const links = (await facts.read((await this.inspect(name)).id)).manifests
    return links.some(link => link.digest === digest) ? manifests.read(digest) : undefined
  }

  async manifestsOf(name: string): Promise<readonly ManifestContent[]> {
    const { facts, manifests } = this.#tables
    const contents: ManifestContent[] = []
    for (const link of (await facts.read((await this.inspect(name)).id)).manifests) {
      if (!isManifestType(link.mediaType) && !isIndexType(link.mediaType)) continue
      const bytes = await manifests.read(link.digest)
      if (bytes !== undefined) contents.push({ ...link, bytes })
    }
    return contents
  }

  async attest(name: string, predicates: readonly Predicate[]): Promise<void> {
    const { facts, manifests } = this.#tables
    await this.#changes.run(async () => {
      const { id } = await this.inspect(name)
      if (predicates.length === 0 && (await facts.read(id)).predicates === undefined) return
      const links: PredicateLink[] = []
      for (const { type, bytes } of predicates) {
        const digest = digestOf(bytes)
        await manifests.add({ digest, mediaType: type, bytes })
        links.push({ type, digest })
      }
      await facts.update(id, known => ({ ...known, predicates: links }))
    })
  }

  async predicatesOf(name: string): Promise<readonly Predicate[]> {
    const { facts, manifests } = this.#tables
    const found: Predicate[] = []
    for (const { type, digest } of (await facts.read((await this.inspect(name)).id)).predicates ?? []) {
      const bytes = await manifests.read(digest)
      if (bytes !== undefined) found.push({ type, bytes })
    }
    return found
  }

  async configBytes(name: string): Promise<Uint8Array> {
    const bytes = await this.#tables.configs.bytes((await this.inspect(name)).id)
    if (bytes === undefined) throw notFound(name)
    return bytes
  }

  layerTarSize(diffId: string): Promise<number> {
    return this.#tables.layers.tarSize(diffId)
  }

  layerTar(diffId: string, pieces?: Pieces): AsyncIterable<Buffer> {
    return this.#tables.layers.tar(diffId, pieces)
  }

  packedBytes(diffId: string, digest: string): AsyncIterable<Buffer> | undefined {
    return this.#tables.layers.packedBytes(diffId, digest)
  }

  packedForms(diffId: string): Promise<readonly PackedForm[]> {
    return this.#tables.layers.packedForms(diffId)
  }

  rememberPacked(diffId: string, packed: PackedLayer, repository: string): Promise<void> {
    return this.#tables.layers.rememberPacked(diffId, packed, repository)
  }

  async ensure(reference: string, options: EnsureOptions = {}): Promise<ImageRecord> {
    const policy = options.policy ?? 'missing'
    const found = policy === 'always' ? undefined : await this.resolveNamed(reference, options.platform)
    if (found !== undefined && isFor(found, options.platform)) {
      await this.#tables.facts.touch(found.id)
      return found
    }
    if (policy === 'never') throw notFound(reference)
    return fetchFromSources(this, this.#fetches, this.#sources, parseReference(reference), options)
  }

  remove(name: string, options: RemoveOptions = {}): Promise<readonly Removal[]> {
    return this.#removal.remove(name, options)
  }

  prune(options: PruneOptions = {}): Promise<PruneResult> {
    return this.#removal.prune(options)
  }

  pruneCache(options: CachePruneOptions = {}): Promise<CachePruneResult> {
    return this.#removal.pruneCache(options)
  }

  async usage(): Promise<StoreUsage> {
    return measureUsage(this.#tables, await allConfigs(this.#tables))
  }

  async verify(name: string): Promise<readonly LayerVerdict[]> {
    const { diffIds } = await this.inspect(name)
    const verdicts: LayerVerdict[] = []
    for (const diffId of diffIds)
      verdicts.push({ diffId, intact: await this.#tables.layers.isIntact(diffId) })
    return verdicts
  }

  async lease(): Promise<StoreLease> {
    const lease = await this.#garbage.lease()
    const end = async (): Promise<void> => {
      await lease.end()
      this.#enforceBudget()
    }
    return this.#budget === undefined ? lease : { ...lease, end }
  }

  /** Nobody waits for it: what was made is there. */
  #enforceBudget(): void {
    if (!this.#garbage.isIdle) return
    this.#budget?.enforce().catch((error: unknown) => this.#onWarning(budgetFailed(error)))
  }
}

function digestTag(reference: string): Error {
  return failure({
    code: 'REFERENCE_INVALID',
    kind: 'invalidArgument',
    summary: `"${reference}" has a digest and cannot be a tag`,
  })
}

function budgetFailed(error: unknown): Diagnostic {
  return {
    severity: 'warning',
    code: 'IMAGE_BUDGET_FAILED',
    summary: `images that nobody uses could not be freed: ${messageOf(error)}`,
  }
}

function brokenFile(path: string): Diagnostic {
  return {
    severity: 'warning',
    code: 'IMAGE_RECORD_BROKEN',
    summary: `a file of the image store could not be read and was set aside as "${path}"`,
  }
}

/** Whether an image is for a platform; any will do where none is named. */
function isFor(image: ImageRecord, platform: Platform | undefined): boolean {
  return platform === undefined || platformDistance(platform, image) !== undefined
}
