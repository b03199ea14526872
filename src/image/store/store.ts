import type { Diagnostic } from '../../diagnostics/index.ts'
import { Failure, failure } from '../../diagnostics/index.ts'
import { Mutex } from '../../linux/mutex.ts'
import { removeTree } from '../../native/index.ts'
import { digestOf } from '../../oci/digest-of.ts'
import { canonicalReference, familiarReference, parseReference } from '../../oci/reference.ts'
import type { ImageConfig } from '../config.ts'
import type { ImageRecord } from '../record.ts'
import type { ManifestContent } from '../registry/index.ts'
import { BuildCache } from './cache.ts'
import { ConfigStore } from './configs.ts'
import { FactsStore, withManifests } from './facts.ts'
import { fetchFromSources, type SharedFetches } from './fetch.ts'
import { findImageId, referenceKey } from './find.ts'
import { LayerStore } from './layers.ts'
import type { StoreLayout } from './layout.ts'
import { openLease, type StoreLease } from './lease.ts'
import { ManifestStore } from './manifests.ts'
import type { PackedForm, PackedLayer } from './packed.ts'
import { recordOf } from './record-of.ts'
import { ReferenceTable } from './references.ts'
import { planRemoval } from './removal.ts'
import type { ImageSource } from './source.ts'
import type {
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
import {
  type CachePruneOptions,
  cacheUsage,
  chooseForPruning,
  measureUsage,
  type StoreUsage,
} from './usage.ts'

/** What a store on disk is made of. */
export interface StoreParts {
  readonly layout: StoreLayout
  readonly usersOf: (imageId: string) => readonly ImageUser[]
  readonly sources: readonly ImageSource[]
  readonly onWarning: (diagnostic: Diagnostic) => void
}

/** The store on disk. */
export class DiskImageStore implements ImageStore {
  readonly root: string
  readonly #parts: StoreParts
  readonly #layers: LayerStore
  readonly #configs: ConfigStore
  readonly #facts: FactsStore
  readonly #manifests: ManifestStore
  readonly #references: ReferenceTable
  readonly #cache: BuildCache
  readonly #fetches: SharedFetches = new Map()
  /** Held by a collection; a lease begins only outside of one. */
  readonly #gate = new Mutex()
  /** Held by what looks and then changes by what it has seen: a tag on an image that goes meanwhile would lead nowhere. */
  readonly #changes = new Mutex()
  #leases = 0
  /** What was to be collected while leases were open. */
  #collectWanted: readonly string[] | 'all' | undefined

  constructor(parts: StoreParts) {
    const { layout } = parts
    const broken = (path: string): void => parts.onWarning(brokenFile(path))
    this.root = layout.root
    this.#parts = parts
    this.#layers = new LayerStore(layout)
    this.#configs = new ConfigStore(layout.configs, broken)
    this.#facts = new FactsStore(layout.facts, broken)
    this.#manifests = new ManifestStore(layout.manifests, broken)
    this.#references = new ReferenceTable(layout.references, broken)
    this.#cache = new BuildCache(layout.cache)
  }

  async list(): Promise<readonly ImageRecord[]> {
    const references = await this.#references.read()
    const records = await Promise.all((await this.#configs.ids()).map(id => this.#record(id, references)))
    return records
      .filter(record => record !== undefined)
      .sort((a, b) => (a.created === b.created ? (a.id < b.id ? -1 : 1) : a.created < b.created ? 1 : -1))
  }

  async resolve(name: string): Promise<ImageRecord | undefined> {
    const references = await this.#references.read()
    const id =
      findImageId(name, references, await this.#configs.ids()) ??
      (await this.#configs.retired()).find(retired => retired === name)
    return id === undefined ? undefined : this.#record(id, references)
  }

  use(name: string, hold: (imageId: string) => void): Promise<ImageRecord | undefined> {
    return this.#changes.run(async () => {
      const record = await this.resolve(name)
      if (record !== undefined) hold(record.id)
      return record
    })
  }

  async inspect(name: string): Promise<ImageRecord> {
    const record = await this.resolve(name)
    if (record === undefined) throw notFound(name)
    return record
  }

  async layersOf(name: string): Promise<readonly string[]> {
    return this.#layers.folders((await this.inspect(name)).diffIds)
  }

  async tag(name: string, reference: string): Promise<void> {
    const parsed = parseReference(reference)
    if (parsed.digest !== undefined) throw digestTag(reference)
    await this.#changes.run(async () => {
      const { id } = await this.inspect(name)
      await this.#references.update(table => table.set(canonicalReference(parsed), id))
      await this.#facts.update(id, facts => ({ ...facts, lastTagTime: new Date().toISOString() }))
    })
  }

  async addImage(
    config: ImageConfig,
    references: readonly string[] = [],
    bytes?: Uint8Array,
    manifests: readonly ManifestContent[] = [],
    parent?: string,
  ): Promise<ImageRecord> {
    const keys = references.map(reference => canonicalReference(parseReference(reference)))
    await this.#layers.folders(config.rootfs.diff_ids)
    return this.#changes.run(async () => {
      for (const manifest of manifests) await this.#manifests.add(manifest)
      const written = bytes ?? Buffer.from(JSON.stringify(config))
      await this.#facts.update(digestOf(written), facts => ({
        ...withManifests(facts, manifests),
        ...(parent === undefined ? {} : { parent }),
        ...(keys.length === 0 ? {} : { lastTagTime: new Date().toISOString() }),
      }))
      const id = await this.#configs.add(written)
      if (keys.length > 0) {
        await this.#references.update(table => {
          for (const key of keys) table.set(key, id)
        })
      }
      return this.inspect(id)
    })
  }

  async manifestsOf(name: string): Promise<readonly ManifestContent[]> {
    const { manifests } = await this.#facts.read((await this.inspect(name)).id)
    const contents: ManifestContent[] = []
    for (const link of manifests) {
      const bytes = await this.#manifests.read(link.digest)
      if (bytes !== undefined) contents.push({ ...link, bytes })
    }
    return contents
  }

  async configBytes(name: string): Promise<Uint8Array> {
    const bytes = await this.#configs.bytes((await this.inspect(name)).id)
    if (bytes === undefined) throw notFound(name)
    return bytes
  }

  layerTarSize(diffId: string): Promise<number> {
    return this.#layers.tarSize(diffId)
  }

  layerTar(diffId: string): AsyncIterable<Buffer> {
    return this.#layers.tar(diffId)
  }

  packedForms(diffId: string): Promise<readonly PackedForm[]> {
    return this.#layers.packedForms(diffId)
  }

  rememberPacked(diffId: string, packed: PackedLayer, repository: string): Promise<void> {
    return this.#layers.rememberPacked(diffId, packed, repository)
  }

  async ensure(reference: string, options: EnsureOptions = {}): Promise<ImageRecord> {
    const policy = options.policy ?? 'missing'
    const found = policy === 'always' ? undefined : await this.resolve(reference)
    if (found !== undefined) return found
    if (policy === 'never') throw notFound(reference)
    return fetchFromSources(this, this.#fetches, this.#parts.sources, parseReference(reference), options)
  }

  async remove(name: string, options: RemoveOptions = {}): Promise<readonly Removal[]> {
    const { removals, diffIds } = await this.#changes.run(async () => {
      const image = await this.inspect(name)
      return { removals: await this.#removeNamed(name, options), diffIds: image.diffIds }
    })
    if (!removals.some(removal => 'deleted' in removal)) return removals
    // Other layers that nobody names may be what a pull that was broken off has left for the next one.
    const collected = await this.#collect(diffIds)
    return [...removals, ...collected.map(diffId => ({ deleted: diffId }))]
  }

  /** The tags and the image, not yet its layers. */
  async #removeNamed(name: string, options: RemoveOptions): Promise<readonly Removal[]> {
    const { id } = await this.inspect(name)
    const table = await this.#references.read()
    const references = [...table].filter(([, image]) => image === id).map(([reference]) => reference)
    const key = referenceKey(name)
    const plan = planRemoval({
      name,
      imageId: id,
      references,
      reference: key !== undefined && references.includes(key) ? key : undefined,
      users: this.#parts.usersOf(id),
      force: options.force ?? false,
    })
    await this.#references.update(changing => {
      for (const reference of plan.untag) changing.delete(reference)
    })
    const untagged = plan.untag.map(reference => ({ untagged: familiarReference(parseReference(reference)) }))
    if (!plan.deleteImage) return untagged
    if (this.#parts.usersOf(id).length > 0) await this.#configs.retire(id)
    else await this.#forget(id)
    return [...untagged, { deleted: id }]
  }

  async #forget(id: string): Promise<void> {
    await this.#configs.remove(id)
    await this.#facts.remove(id)
  }

  async prune(options: PruneOptions = {}): Promise<PruneResult> {
    const before = await this.#sizes()
    const removals: Removal[] = []
    for (const record of await this.list()) {
      const wanted = options.all || record.repoTags.length === 0
      if (!wanted || this.#parts.usersOf(record.id).length > 0) continue
      if (options.matches !== undefined && !options.matches(record)) continue
      removals.push(...(await this.#removeUnlessUsed(record.id)))
    }
    await this.#collect('all')
    return { removals, reclaimed: await this.#reclaimed(before) }
  }

  /** Nothing when somebody has begun to use it, or has removed it, since it was listed. */
  async #removeUnlessUsed(id: string): Promise<readonly Removal[]> {
    try {
      return await this.remove(id, { force: true })
    } catch (error) {
      if (error instanceof Failure && ['IMAGE_IN_USE', 'IMAGE_NOT_FOUND'].includes(error.code)) return []
      throw error
    }
  }

  async pruneCache(options: CachePruneOptions = {}): Promise<CachePruneResult> {
    const before = await this.#sizes()
    const ofImages = new Set(
      [...(await this.#allConfigs()).values()].flatMap(({ rootfs }) => rootfs.diff_ids),
    )
    const usage = await cacheUsage(this.#layers, this.#cache, ofImages)
    const deleted = chooseForPruning(usage, options)
    for (const key of deleted) await this.#cache.remove(key)
    // A command that runs now may have one of them mounted.
    if (this.#leases === 0 && Object.keys(options).length === 0)
      await removeTree(this.#parts.layout.cacheMounts)
    const chosen = new Set(deleted)
    await this.#collect(usage.flatMap(({ key, entry }) => (chosen.has(key) ? (entry.diffId ?? []) : [])))
    return { deleted, reclaimed: await this.#reclaimed(before) }
  }

  async usage(): Promise<StoreUsage> {
    return measureUsage(this.#layers, this.#cache, await this.#allConfigs())
  }

  /** The configs of all images, by id, also of those that containers alone keep. */
  async #allConfigs(): Promise<ReadonlyMap<string, ImageConfig>> {
    const ids = [...(await this.#configs.ids()), ...(await this.#configs.retired())]
    const configs = await Promise.all(ids.map(async id => [id, await this.#configs.read(id)] as const))
    return new Map(configs.flatMap(([id, config]) => (config === undefined ? [] : [[id, config] as const])))
  }

  async verify(name: string): Promise<readonly LayerVerdict[]> {
    const { diffIds } = await this.inspect(name)
    const verdicts: LayerVerdict[] = []
    for (const diffId of diffIds) verdicts.push({ diffId, intact: await this.#layers.isIntact(diffId) })
    return verdicts
  }

  lease(): Promise<StoreLease> {
    const { layout } = this.#parts
    return this.#gate.run(async () => {
      this.#leases += 1
      return openLease({
        layout,
        layers: this.#layers,
        cache: this.#cache,
        onEnd: () => this.#sessionEnded(),
      })
    })
  }

  async #sessionEnded(): Promise<void> {
    this.#leases -= 1
    if (this.#leases === 0 && this.#collectWanted !== undefined) await this.#collect(this.#collectWanted)
  }

  /**
   * Removes the layers that neither an image nor the build cache names, of those that are given or of all; waits for the end
   * of open leases.
   */
  #collect(of: readonly string[] | 'all'): Promise<readonly string[]> {
    return this.#gate.run(async () => {
      if (this.#leases > 0) {
        const wanted = this.#collectWanted ?? []
        this.#collectWanted = of === 'all' || wanted === 'all' ? 'all' : [...wanted, ...of]
        return []
      }
      this.#collectWanted = undefined
      for (const id of await this.#configs.retired())
        if (this.#parts.usersOf(id).length === 0) await this.#forget(id)
      const live = await this.#liveLayers()
      const dead = (await this.#layers.list()).filter(
        diffId => !live.has(diffId) && (of === 'all' || of.includes(diffId)),
      )
      for (const diffId of dead) await this.#layers.remove(diffId)
      await this.#facts.keepOnly(new Set((await this.#allConfigs()).keys()))
      await this.#manifests.keepOnly(await this.#liveManifests())
      return dead
    })
  }

  async #liveManifests(): Promise<ReadonlySet<string>> {
    const facts = await Promise.all((await this.#configs.ids()).map(id => this.#facts.read(id)))
    return new Set(facts.flatMap(({ manifests }) => manifests.map(({ digest }) => digest)))
  }

  async #liveLayers(): Promise<ReadonlySet<string>> {
    const configs = [...(await this.#allConfigs()).values()]
    const cached = await this.#cache.list()
    const ofImages = configs.flatMap(({ rootfs }) => rootfs.diff_ids)
    return new Set([...ofImages, ...cached.flatMap(([, entry]) => entry.diffId ?? [])])
  }

  async #sizes(): Promise<ReadonlyMap<string, number>> {
    const diffIds = await this.#layers.list()
    return new Map(
      await Promise.all(
        diffIds.map(async diffId => [diffId, (await this.#layers.info(diffId))?.size ?? 0] as const),
      ),
    )
  }

  /** Bytes of the layers that are gone since. */
  async #reclaimed(before: ReadonlyMap<string, number>): Promise<number> {
    const after = await this.#sizes()
    return [...before].reduce((total, [diffId, size]) => (after.has(diffId) ? total : total + size), 0)
  }

  async #record(id: string, references: ReadonlyMap<string, string>): Promise<ImageRecord | undefined> {
    const config = await this.#configs.read(id)
    if (config === undefined) return undefined
    const own = [...references].filter(([, image]) => image === id).map(([key]) => key)
    const facts = await this.#facts.read(id)
    const infos = await Promise.all(config.rootfs.diff_ids.map(diffId => this.#layers.info(diffId)))
    const parent = facts.parent !== undefined && (await this.#configs.read(facts.parent)) ? facts.parent : ''
    return recordOf({ id, config, references: own, parent, lastTagTime: facts.lastTagTime, infos })
  }
}

function notFound(name: string): Error {
  return failure({
    code: 'IMAGE_NOT_FOUND',
    kind: 'notFound',
    summary: `image "${name}" is not in the store`,
  })
}

function digestTag(reference: string): Error {
  return failure({
    code: 'REFERENCE_INVALID',
    kind: 'invalidArgument',
    summary: `"${reference}" has a digest and cannot be a tag`,
  })
}

function brokenFile(path: string): Diagnostic {
  return {
    severity: 'warning',
    code: 'IMAGE_RECORD_BROKEN',
    summary: `a file of the image store could not be read and was set aside as "${path}"`,
  }
}
