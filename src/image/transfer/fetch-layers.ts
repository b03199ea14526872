import { Failure } from '../../diagnostics/index.ts'
import type { Descriptor } from '../../oci/descriptor.ts'
import { familiarReference, type Reference } from '../../oci/reference.ts'
import type { LayerMeasure } from '../layer/measure.ts'
import { type LayerUnpacker, layerOf, notUnpacked, type UnpackedLayer } from '../layer/unpacker.ts'
import type { Progress } from '../progress.ts'
import { type RegistryClient, wrongAnswer } from '../registry/index.ts'
import { keeping } from '../store/packed-blobs.ts'
import type { SourceContext } from '../store/source.ts'
import { download } from './download.ts'
import type { SharedLayers } from './shared-layers.ts'

/** What one pull works with. */
export interface Pull {
  readonly registry: RegistryClient
  readonly reference: Reference
  readonly unpack: LayerUnpacker
  readonly shared: SharedLayers
  readonly context: SourceContext
}

/** Layers that are fetched at once: more do not make a line faster, and each holds memory. */
const PARALLEL = 3
const PROGRESS_MS = 100
const SHORT = 'sha256:'.length + 12

/** Brings the layers that the store lacks, some at once; the same layer twice in an image is brought once. */
export async function fetchLayers(
  work: Pull,
  layers: readonly Descriptor[],
  diffIds: readonly string[],
): Promise<void> {
  const wanted = new Map(diffIds.map((diffId, index) => [diffId, layers[index]] as const))
  for (const descriptor of wanted.values())
    if (descriptor !== undefined)
      work.context.onProgress({ id: idOf(descriptor), status: 'Pulling fs layer' })
  const waiting = [...wanted]
  const abort = new AbortController()
  const signal = AbortSignal.any([work.context.signal, abort.signal])
  const worker = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [diffId, descriptor] = next
      if (descriptor !== undefined) await ensureLayer(work, descriptor, diffId, signal)
      await remember(work, diffId, descriptor)
    }
  }
  const workers = Array.from({ length: PARALLEL }, worker)
  try {
    await Promise.all(workers)
  } catch (error) {
    abort.abort(error)
    // None may write into the store any more when this has ended.
    await Promise.allSettled(workers)
    throw error
  }
}

/** How the registry has a layer packed: for a push to it, and to know what is there before it is fetched. */
async function remember(
  { reference, context }: Pull,
  diffId: string,
  descriptor: Descriptor | undefined,
): Promise<void> {
  const { mediaType } = descriptor ?? {}
  if (descriptor === undefined || mediaType === undefined) return
  const repository = `${reference.domain}/${reference.path}`
  await context.lease.rememberPacked(diffId, { ...descriptor, mediaType }, repository)
}

async function ensureLayer(
  work: Pull,
  descriptor: Descriptor,
  diffId: string,
  signal: AbortSignal,
): Promise<void> {
  const { lease, onProgress } = work.context
  if ((await lease.layerInfo(diffId)) !== undefined) {
    onProgress({ id: idOf(descriptor), status: 'Already exists' })
    return
  }
  await work.shared.fetch(diffId, onProgress, signal, tell =>
    fetchLayer(work, descriptor, diffId, tell, signal),
  )
}

/** One layer: it is unpacked while it comes, and gets its name when every byte was right. */
async function fetchLayer(
  { registry, reference, unpack, context }: Pull,
  descriptor: Descriptor,
  diffId: string,
  tell: (progress: Progress) => void,
  signal: AbortSignal,
): Promise<void> {
  const { size } = descriptor
  const id = idOf(descriptor)
  const onBytes = seldom(current => tell({ id, status: 'Downloading', current, total: size }))
  const draft = await context.lease.draft()
  try {
    const open = (ending: AbortSignal): AsyncIterable<Buffer> => {
      const bytes = download(registry, reference, descriptor, { signal: ending, onBytes })
      return context.lease.keepPacked ? keeping(bytes, draft.folder, descriptor.digest) : bytes
    }
    const unpacked = await unpack(open, draft, signal).catch((error: unknown) => {
      if (!(error instanceof Failure) || /^(?:REGISTRY|DOWNLOAD)_/.test(error.code)) throw error
      throw notUnpacked(error, layerName(reference, descriptor))
    })
    await draft.commitAs(checked(reference, descriptor, diffId, unpacked))
    tell({ id, status: 'Pull complete' })
  } finally {
    await draft.discard()
  }
}

/** The layer, if every byte was what manifest and config say. */
function checked(
  reference: Reference,
  descriptor: Descriptor,
  diffId: string,
  unpacked: UnpackedLayer,
): LayerMeasure {
  const { digest } = descriptor
  const { packed, isWhole } = unpacked
  // What unpacks stops at the end of packed data, and has then not seen the rest.
  if (!isWhole) throw wrongAnswer(reference, `${digest} has bytes behind the end of its data`)
  if (packed !== digest) throw wrongAnswer(reference, `got bytes of digest ${packed}, want ${digest}`)
  const layer = layerOf(unpacked, layerName(reference, descriptor))
  if (layer.diffId === diffId) return layer
  throw wrongAnswer(reference, `${digest} unpacks to ${layer.diffId}, its config says ${diffId}`)
}

function layerName(reference: Reference, descriptor: Descriptor): string {
  return `layer ${idOf(descriptor)} of "${familiarReference(reference)}"`
}

function idOf({ digest }: Descriptor): string {
  return digest.slice('sha256:'.length, SHORT)
}

/** Passes on what comes at least so much later than what was passed on last: each piece of a layer is news to nobody. */
function seldom(tell: (current: number) => void): (current: number) => void {
  let last = Number.NEGATIVE_INFINITY
  return current => {
    const now = performance.now()
    if (now - last < PROGRESS_MS) return
    last = now
    tell(current)
  }
}
