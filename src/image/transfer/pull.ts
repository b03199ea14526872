import { Failure, failure } from '../../diagnostics/index.ts'
import {
  chooseManifest,
  type ImageManifest,
  type IndexEntry,
  parseManifest,
  platformsOf,
} from '../../oci/manifest.ts'
import { formatPlatform, hostPlatform, type Platform } from '../../oci/platform.ts'
import { canonicalReference, familiarReference, type Reference } from '../../oci/reference.ts'
import { type ImageConfig, parseImageConfig } from '../config.ts'
import type { LayerUnpacker } from '../layer/unpacker.ts'
import { type ManifestContent, RegistryClient, wrongAnswer } from '../registry/index.ts'
import { type ImageSource, type SourcedImage, UNCHANGED } from '../store/source.ts'
import { fetchAttestations } from './attestations.ts'
import { fetchLayers, type Pull } from './fetch-layers.ts'
import { SharedLayers } from './shared-layers.ts'

/** A config is text: larger ones are an attack. */
const MAX_CONFIG = 8 * 1024 * 1024
/** overlayfs takes no more lower folders. */
const MAX_LAYERS = 500

/** Images from their registries. One that cannot be reached lets other sources try; one that refuses has the last word. */
export function registrySource(unpack: LayerUnpacker): ImageSource {
  const shared = new SharedLayers()
  return {
    name: 'registry',
    fetch: async (reference, context) => {
      const { credentials, signal } = context
      const registry = new RegistryClient({ credentials, signal })
      try {
        return await pull({ registry, reference, unpack, shared, context })
      } catch (error) {
        if (!(error instanceof Failure) || error.code !== 'REGISTRY_UNREACHABLE') throw error
        return {
          unavailable: [error.message, ...error.diagnostics.flatMap(({ detail }) => detail ?? [])].join(': '),
        }
      }
    },
  }
}

async function pull(work: Pull): Promise<SourcedImage | typeof UNCHANGED> {
  const { registry, reference, context } = work
  const wanted = context.platform ?? hostPlatform()
  const told = { status: `Pulling from ${reference.path}`, id: reference.tag ?? reference.digest ?? '' }
  if (await isUnchanged(work)) {
    context.onProgress(told)
    return UNCHANGED
  }
  const top = await registry.manifest(reference)
  const found = parseManifest(top.bytes, top.mediaType)
  context.onProgress(told)
  const { manifest, manifests, about } =
    found.kind === 'manifest'
      ? { manifest: found, manifests: [top], about: [] }
      : await inner(work, top, found, wanted)
  const bytes = await registry.blob(reference, manifest.config, MAX_CONFIG)
  const config = parseImageConfig(bytes)
  checkPlatform(reference, wanted, config)
  const diffIds = config.rootfs.diff_ids
  if (diffIds.length !== manifest.layers.length || diffIds.length > MAX_LAYERS)
    throw wrongAnswer(
      reference,
      `its manifest has ${manifest.layers.length} layers, its config ${diffIds.length}`,
    )
  await fetchLayers(work, manifest.layers, diffIds)
  const said = await fetchAttestations(registry, reference, about)
  const { domain, path } = reference
  const pinned = canonicalReference({ domain, path, digest: top.digest })
  return { config, bytes, digest: top.digest, manifests: [...manifests, ...said], references: [pinned] }
}

/** Asked without fetching a manifest, which registries count. One that does not answer such questions is asked for it. */
async function isUnchanged({ registry, reference, context: { has } }: Pull): Promise<boolean> {
  if (has === undefined) return false
  try {
    return await has(await registry.resolve(reference))
  } catch (error) {
    if (!(error instanceof Failure) || error.code === 'REGISTRY_UNREACHABLE') throw error
    return false
  }
}

/** The image of an index that is taken. */
interface Inner {
  readonly manifest: ImageManifest
  readonly manifests: readonly ManifestContent[]
  /** What the index has that is said of it. */
  readonly about: readonly IndexEntry[]
}

async function inner(
  { registry, reference }: Pull,
  top: ManifestContent,
  index: Parameters<typeof chooseManifest>[0],
  wanted: Platform,
): Promise<Inner> {
  const chosen = chooseManifest(index, wanted)
  if (chosen === undefined) throw notForPlatform(reference, wanted, platformsOf(index))
  const { domain, path } = reference
  const content = await registry.manifest({ domain, path, digest: chosen.digest }, chosen.size)
  const manifest = parseManifest(content.bytes, content.mediaType)
  if (manifest.kind === 'index') throw wrongAnswer(reference, 'an index of indexes')
  return {
    manifest,
    manifests: [top, content],
    about: index.manifests.filter(each => each.about === chosen.digest),
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
