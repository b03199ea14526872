import { Failure, failure, messageOf } from '../../diagnostics/index.ts'
import type { CredentialSource } from '../../oci/credentials.ts'
import type { Descriptor } from '../../oci/descriptor.ts'
import { parseImageConfig } from '../config.ts'
import type { UnpackedLayer } from '../layer/unpacker.ts'
import type { CacheEntry } from '../store/cache.ts'
import type { LayerInfo } from '../store/layers.ts'
import type { StoreLease } from '../store/lease.ts'
import type { ImageStore } from '../store/types.ts'
import { clientReader } from './client-place.ts'
import { type CacheDocument, entryOf } from './document.ts'
import { inlineSteps } from './inline.ts'
import { localReader } from './local-place.ts'
import type { CacheReader } from './place.ts'
import { readCache } from './read-cache.ts'
import { registryReader } from './registry-place.ts'
import type { CacheSource } from './types.ts'

/** What steps of others are taken with. */
export interface ImportTools {
  readonly store: Pick<ImageStore, 'resolveNamed' | 'configBytes'>
  readonly lease: StoreLease
  readonly credentials: CredentialSource
  readonly signal: AbortSignal
  /** Told of a source that gives nothing: it is asked no more. */
  readonly onWarning: (text: string) => void
  readonly onStatus: (text: string) => void
}

/** A step that somebody has, and where its layer is; without a place it is in the store, or nowhere. */
interface Offer {
  readonly entry: CacheEntry
  readonly layer?: { readonly reader: CacheReader; readonly descriptor: Descriptor }
}

/**
 * The steps that a build may take from elsewhere. Nothing is asked before a step is wanted that the store has not made. A step
 * counts by its key, which is made of all that it sees; its layer is brought then, and is what its digests say, or is not taken.
 * What cannot be had is told, and costs no more than the time to make the step here.
 */
export class ImportedSteps {
  readonly #sources: readonly CacheSource[]
  readonly #tools: ImportTools
  #offers: Promise<ReadonlyMap<string, readonly Offer[]>> | undefined

  constructor(sources: readonly CacheSource[], tools: ImportTools) {
    this.#sources = sources
    this.#tools = tools
  }

  /** What a step made, its layer in the store now; undefined where nobody has it. Raises the reason of an abort. */
  async take(key: string): Promise<CacheEntry | undefined> {
    if (this.#sources.length === 0) return undefined
    this.#offers ??= this.#ask()
    for (const offer of (await this.#offers).get(key) ?? []) if (await this.#bring(offer)) return offer.entry
    return undefined
  }

  async #ask(): Promise<ReadonlyMap<string, readonly Offer[]>> {
    const answers = await Promise.all(this.#sources.map(source => this.#offersOf(source)))
    const offers = new Map<string, Offer[]>()
    for (const [key, offer] of answers.flat()) offers.set(key, [...(offers.get(key) ?? []), offer])
    return offers
  }

  /** None of a source that cannot be read, which is told. */
  async #offersOf(source: CacheSource): Promise<readonly (readonly [string, Offer])[]> {
    const here = source.type === 'image' ? await this.#offersHere(source.reference) : []
    const name = 'folder' in source ? source.folder : source.reference
    try {
      const reader = this.#readerOf(source)
      const found = await readCache(reader)
      if (found !== undefined) return [...here, ...offersIn(found.document, reader, found.packed)]
      if (here.length === 0) this.#tools.onStatus(`"${name}" has no build cache of this builder in it`)
    } catch (error) {
      this.#tools.signal.throwIfAborted()
      if (!isOfThePlace(error)) throw error
      if (here.length === 0)
        this.#tools.onWarning(`no build cache is taken from "${name}": ${reasonOf(error)}`)
    }
    return here
  }

  /** Of an image that is in the store. */
  async #offersHere(reference: string): Promise<readonly (readonly [string, Offer])[]> {
    const { store } = this.#tools
    const image = await store.resolveNamed(reference)
    if (image === undefined) return []
    const document = inlineSteps(parseImageConfig(await store.configBytes(image.id)))
    return document === undefined ? [] : offersIn(document)
  }

  #readerOf(source: CacheSource): CacheReader {
    if (source.type === 'local') return localReader(source.folder, source)
    if (source.type === 'client') return clientReader(source, this.#tools.signal)
    return registryReader(source.reference, this.#tools)
  }

  async #bring({ entry: { diffId }, layer }: Offer): Promise<boolean> {
    const { lease, signal, onWarning } = this.#tools
    if (diffId === undefined || (await lease.layerInfo(diffId)) !== undefined) return true
    if (layer === undefined) return false
    try {
      await fetchLayer(this.#tools, diffId, layer)
      return true
    } catch (error) {
      signal.throwIfAborted()
      if (!isOfThePlace(error)) throw error
      onWarning(`a layer of the build cache "${layer.reader.name}" cannot be taken: ${reasonOf(error)}`)
      return false
    }
  }
}

function offersIn(
  document: CacheDocument,
  reader?: CacheReader,
  packed?: ReadonlyMap<string, Descriptor>,
): readonly (readonly [string, Offer])[] {
  return document.steps.map(step => {
    const entry = entryOf(document, step)
    const descriptor = entry.diffId === undefined ? undefined : packed?.get(entry.diffId)
    const layer = reader === undefined || descriptor === undefined ? {} : { layer: { reader, descriptor } }
    return [step.key, { entry, ...layer }] as const
  })
}

/** Brings a layer, which gets its name when every byte was right. */
async function fetchLayer(
  { lease, signal }: ImportTools,
  diffId: string,
  { reader, descriptor }: NonNullable<Offer['layer']>,
): Promise<void> {
  const draft = await lease.draft()
  try {
    const open = (ending: AbortSignal): AsyncIterable<Buffer> => reader.open(descriptor, ending)
    await draft.commitAs(checked(await lease.unpack(open, draft, signal), descriptor, diffId))
  } finally {
    await draft.discard()
  }
  const { mediaType } = descriptor
  if (reader.repository !== undefined && mediaType !== undefined)
    await lease.rememberPacked(diffId, { ...descriptor, mediaType }, reader.repository)
}

function checked(
  { layer, packed, isWhole }: UnpackedLayer,
  { digest }: Descriptor,
  diffId: string,
): LayerInfo {
  if (!isWhole) throw wrong(`${digest} has bytes behind the end of its data`)
  if (packed !== digest) throw wrong(`got bytes of digest ${packed}, want ${digest}`)
  if (layer instanceof Failure) throw layer
  if (layer.diffId !== diffId) throw wrong(`${digest} unpacks to ${layer.diffId}, want ${diffId}`)
  return layer
}

function wrong(detail: string): Error {
  return failure({
    kind: 'unavailable',
    code: 'BUILD_CACHE_INVALID',
    summary: 'a layer is not what its cache says',
    detail,
  })
}

/** What this machine lacks (a full disk, say) is no fault of the place. */
function isOfThePlace(error: unknown): boolean {
  if (error instanceof Failure) return true
  const code: unknown = error instanceof Error ? Reflect.get(error, 'code') : undefined
  return code === 'ENOENT' || code === 'EACCES' || code === 'EISDIR' || code === 'ENOTDIR'
}

function reasonOf(error: unknown): string {
  const detail = error instanceof Failure ? error.diagnostics.flatMap(each => each.detail ?? []) : []
  return [messageOf(error), ...detail].join(': ')
}
