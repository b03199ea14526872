import { Failure } from '../../diagnostics/index.ts'
import type { Descriptor } from '../../oci/descriptor.ts'
import { digestOf } from '../../oci/digest-of.ts'
import { MEDIA_TYPE } from '../../oci/media-types.ts'
import { clientReader, clientWriter } from './client-place.ts'
import { CACHE_CONFIG, documentOf, layersOf } from './document.ts'
import { localReader, localWriter } from './local-place.ts'
import type { CacheReader, CacheWriter } from './place.ts'
import { readCache } from './read-cache.ts'
import { type RegistryWriting, registryWriter } from './registry-place.ts'
import type { CacheTarget, RecordedStep } from './types.ts'

/** A place that lasts. */
type Place = Exclude<CacheTarget, { readonly type: 'inline' }>

/** The descriptor of a cache's manifest. */
export type WrittenCache = Descriptor & { readonly mediaType: string }

/** Layers that are packed at once. */
const TOGETHER = 2

/** The steps that are in an image: those upon its own layers. */
export function stepsInImage(
  steps: readonly RecordedStep[],
  diffIds: readonly string[],
): readonly RecordedStep[] {
  const layers = new Set(diffIds)
  return steps.filter(
    ({ below, entry: { diffId } }) =>
      (diffId === undefined || layers.has(diffId)) && below.every((each, index) => each === diffIds[index]),
  )
}

/** Writes steps with their layers to a place; the manifest that they are found by there. Raises what the place, the disk or a layer raises; it has no half cache then. */
export async function exportSteps(
  target: Place,
  steps: readonly RecordedStep[],
  writing: RegistryWriting,
): Promise<WrittenCache> {
  const writer = await writerOf(target, writing)
  const layers = layersOf(steps)
  const packed = new Map<string, Descriptor>()
  const waiting = [...layers]
  const worker = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      writing.signal.throwIfAborted()
      packed.set(next, await writer.layer(next))
    }
  }
  await allOf(Array.from({ length: TOGETHER }, worker))
  const config = Buffer.from(JSON.stringify(documentOf(steps, layers)))
  const descriptor = { mediaType: CACHE_CONFIG, digest: digestOf(config), size: config.length }
  await writer.blob(descriptor, config)
  const bytes = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: MEDIA_TYPE.manifest,
      config: descriptor,
      layers: layers.flatMap(diffId => packed.get(diffId) ?? []),
    }),
  )
  const written = { mediaType: MEDIA_TYPE.manifest, digest: digestOf(bytes), size: bytes.length }
  await writer.manifest({ ...written, bytes })
  return written
}

/** All have ended when the first failure is raised. */
async function allOf(work: readonly Promise<void>[]): Promise<void> {
  const results = await Promise.allSettled(work)
  for (const result of results) if (result.status === 'rejected') throw result.reason
}

async function writerOf(target: Place, writing: RegistryWriting): Promise<CacheWriter> {
  if (target.type === 'registry') return registryWriter(target.reference, writing)
  const { store, signal } = writing
  if (target.type === 'client') {
    const { before } = target
    const reader = before === undefined ? undefined : clientReader({ ...target, digest: before }, signal)
    return clientWriter(target, { store, signal, known: await packedIn(reader) })
  }
  const { folder, tag } = target
  const reader = localReader(folder, tag === undefined ? {} : { tag })
  return localWriter(folder, tag, { store, known: await packedIn(reader) })
}

/** How a place has layers packed already. What lies there may be anything: it is written anew then. */
async function packedIn(reader: CacheReader | undefined): Promise<ReadonlyMap<string, Descriptor>> {
  if (reader === undefined) return new Map()
  const found = await readCache(reader).catch((error: unknown) => {
    if (error instanceof Failure) return undefined
    throw error
  })
  return found?.packed ?? new Map()
}
