import { Readable } from 'node:stream'
import { Failure, failure } from '../../diagnostics/index.ts'
import type { Descriptor } from '../../oci/descriptor.ts'
import { chooseManifest, type ImageManifest, parseManifest, platformsOf } from '../../oci/manifest.ts'
import { formatPlatform, hostPlatform, type Platform } from '../../oci/platform.ts'
import { canonicalReference, familiarReference, type Reference } from '../../oci/reference.ts'
import { type ImageConfig, parseImageConfig } from '../config.ts'
import { applyLayer } from '../layer/apply.ts'
import type { TreeOperations } from '../layer/trees.ts'
import { type ManifestContent, RegistryClient, wrongAnswer } from '../registry/index.ts'
import type { ImageSource, SourceContext, SourcedImage } from '../store/source.ts'
import { download } from './download.ts'

/** A config is text: larger ones are an attack. */
const MAX_CONFIG = 8 * 1024 * 1024
/** Layers that are fetched at once: more do not make a line faster, and each holds memory. */
const PARALLEL = 3
/** overlayfs takes no more lower folders. */
const MAX_LAYERS = 500
/** Bytes that may wait between the network and the disk, a layer. */
const QUEUE = 1024 * 1024
const PROGRESS_MS = 100
const SHORT = 'sha256:'.length + 12

/** What one pull works with. */
interface Pull {
  readonly registry: RegistryClient
  readonly reference: Reference
  readonly trees: TreeOperations
  readonly context: SourceContext
}

/** Images from their registries. One that cannot be reached lets other sources try; one that refuses has the last word. */
export function registrySource(trees: TreeOperations): ImageSource {
  return {
    name: 'registry',
    fetch: async (reference, context) => {
      const { credentials, signal } = context
      const registry = new RegistryClient({ credentials, signal })
      try {
        return await pull({ registry, reference, trees, context })
      } catch (error) {
        if (!(error instanceof Failure) || error.code !== 'REGISTRY_UNREACHABLE') throw error
        return {
          unavailable: [error.message, ...error.diagnostics.flatMap(({ detail }) => detail ?? [])].join(': '),
        }
      }
    },
  }
}

async function pull(work: Pull): Promise<SourcedImage> {
  const { registry, reference, context } = work
  const wanted = context.platform ?? hostPlatform()
  const top = await registry.manifest(reference)
  const found = parseManifest(top.bytes, top.mediaType)
  context.onProgress({
    status: `Pulling from ${reference.path}`,
    id: reference.tag ?? reference.digest ?? '',
  })
  const { manifest, manifests } =
    found.kind === 'manifest' ? { manifest: found, manifests: [top] } : await inner(work, top, found, wanted)
  const bytes = await registry.blob(reference, manifest.config, MAX_CONFIG)
  const config = parseImageConfig(bytes)
  checkPlatform(reference, wanted, config)
  const diffIds = config.rootfs.diff_ids
  if (diffIds.length !== manifest.layers.length || diffIds.length > MAX_LAYERS)
    throw wrongAnswer(
      reference,
      `its manifest has ${manifest.layers.length} layers, its config ${diffIds.length}`,
    )
  await fetchLayers(work, manifest, diffIds)
  const { domain, path } = reference
  const pinned = canonicalReference({ domain, path, digest: top.digest })
  return { config, bytes, digest: top.digest, manifests, references: [pinned] }
}

async function inner(
  { registry, reference }: Pull,
  top: ManifestContent,
  index: Parameters<typeof chooseManifest>[0],
  wanted: Platform,
): Promise<{ readonly manifest: ImageManifest; readonly manifests: readonly ManifestContent[] }> {
  const chosen = chooseManifest(index, wanted)
  if (chosen === undefined) throw notForPlatform(reference, wanted, platformsOf(index))
  const { domain, path } = reference
  const content = await registry.manifest({ domain, path, digest: chosen.digest })
  const manifest = parseManifest(content.bytes, content.mediaType)
  if (manifest.kind === 'index') throw wrongAnswer(reference, 'an index of indexes')
  return { manifest, manifests: [top, content] }
}

/** Brings the layers that the store lacks, some at once; the same layer twice in an image is brought once. */
async function fetchLayers(work: Pull, { layers }: ImageManifest, diffIds: readonly string[]): Promise<void> {
  const wanted = new Map(diffIds.map((diffId, index) => [diffId, layers[index]] as const))
  const waiting = [...wanted]
  const abort = new AbortController()
  const signal = AbortSignal.any([work.context.signal, abort.signal])
  const worker = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [diffId, descriptor] = next
      if (descriptor !== undefined) await fetchLayer(work, descriptor, diffId, signal)
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

/** One layer: it is unpacked while it comes, and gets its name when every byte was right. */
async function fetchLayer(
  { registry, reference, trees, context }: Pull,
  descriptor: Descriptor,
  diffId: string,
  signal: AbortSignal,
): Promise<void> {
  const { lease, onProgress } = context
  const id = descriptor.digest.slice('sha256:'.length, SHORT)
  if ((await lease.layerInfo(diffId)) !== undefined) {
    onProgress({ id, status: 'Already exists' })
    return
  }
  onProgress({ id, status: 'Pulling fs layer' })
  const draft = await lease.draft()
  try {
    const onBytes = seldom((current: number) =>
      onProgress({ id, status: 'Downloading', current, total: descriptor.size }),
    )
    let isWhole = false
    async function* bytes(): AsyncGenerator<Buffer> {
      yield* download(registry, reference, descriptor, { signal, onBytes })
      isWhole = true
    }
    const source = Readable.from(bytes(), { objectMode: false, highWaterMark: QUEUE })
    const measure = await applyLayer(trees, source, draft, signal)
    // What unpacks stops at the end of packed data, and has then not seen the check of the last byte.
    if (!isWhole) throw wrongAnswer(reference, `${descriptor.digest} has bytes behind the end of its data`)
    if (measure.diffId !== diffId)
      throw wrongAnswer(
        reference,
        `${descriptor.digest} unpacks to ${measure.diffId}, its config says ${diffId}`,
      )
    await draft.commitAs(measure)
    onProgress({ id, status: 'Pull complete' })
  } finally {
    await draft.discard()
  }
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

function checkPlatform(reference: Reference, wanted: Platform, { os, architecture }: ImageConfig): void {
  if (os !== wanted.os || architecture !== wanted.architecture)
    throw notForPlatform(reference, wanted, [`${os}/${architecture}`])
}

function notForPlatform(reference: Reference, wanted: Platform, offered: readonly string[]): Error {
  return failure({
    kind: 'notFound',
    code: 'PLATFORM_NOT_OFFERED',
    summary: `"${familiarReference(reference)}" has no image for ${formatPlatform(wanted)}`,
    detail: `it has: ${offered.length === 0 ? 'none' : offered.join(', ')}`,
  })
}
