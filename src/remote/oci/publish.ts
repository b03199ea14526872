import type { RegistryWriter } from '../../image/registry/index.ts'
import type { Descriptor } from '../../oci/descriptor.ts'
import { digestOf } from '../../oci/digest-of.ts'
import { MEDIA_TYPE } from '../../oci/media-types.ts'
import type { Reference } from '../../oci/reference.ts'
import { type ArtefactLayer, LAYER, OLD_CONFIG, PROJECT } from './manifest.ts'

/** A file of an artefact: a Compose file of the project, one that `extends` takes from, or one of variables. */
export interface ArtefactFile {
  readonly kind: 'compose' | 'extended' | 'variables'
  /** What others in the artefact call it; of a Compose file nobody does. */
  readonly name: string
  readonly content: Uint8Array
}

export interface ArtefactOptions {
  /** `1.0` is for registries that know nothing of artefacts with types. */
  readonly ociVersion: '1.0' | '1.1'
  /** Of the tool that writes it. */
  readonly toolVersion: string
  readonly created: Date
}

const EMPTY = Buffer.from('{}')
const EMPTY_CONFIG = 'application/vnd.oci.empty.v1+json'

/** The manifest of an artefact as Docker Compose makes it: the files are layers, and stand in it as well. */
function artefactManifest(files: readonly ArtefactFile[], options: ArtefactOptions): Uint8Array {
  const { ociVersion, toolVersion, created } = options
  const config = { digest: digestOf(EMPTY), size: EMPTY.length, data: EMPTY.toString('base64') }
  const typed = ociVersion === '1.1'
  return Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: MEDIA_TYPE.manifest,
      ...(typed ? { artifactType: PROJECT } : {}),
      config: { mediaType: typed ? EMPTY_CONFIG : OLD_CONFIG, ...config },
      layers: files.map(file => layerOf(file, toolVersion)),
      annotations: { 'org.opencontainers.image.created': created.toISOString().replace(/\.\d+/, '') },
    }),
  )
}

/** Puts an artefact into a registry, under the tag of its reference. Returns what it is there. Errors: the writer's. */
export async function publishArtefact(
  reference: Reference,
  files: readonly ArtefactFile[],
  writer: RegistryWriter,
  options: ArtefactOptions,
): Promise<Descriptor> {
  const bytes = artefactManifest(files, options)
  for (const content of [EMPTY, ...files.map(file => file.content)]) {
    const digest = digestOf(content)
    if (!(await writer.hasBlob(reference, digest)))
      await writer.putBlob(reference, { digest, size: content.length, mediaType: '' }, content)
  }
  const digest = digestOf(bytes)
  await writer.putManifest(reference, { digest, mediaType: MEDIA_TYPE.manifest, bytes })
  return { mediaType: MEDIA_TYPE.manifest, digest, size: bytes.length }
}

/**
 * Puts the index of the images of a project beside its artefact, which is its subject, as Docker Compose does: registries list
 * it as one of the artefact's referrers. The images are in the repository already. Errors: the writer's.
 */
export async function publishImageIndex(
  { domain, path }: Reference,
  artefact: Descriptor,
  images: readonly Descriptor[],
  writer: RegistryWriter,
  toolVersion: string,
): Promise<void> {
  const bytes = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: MEDIA_TYPE.index,
      artifactType: PROJECT,
      manifests: images,
      subject: artefact,
      annotations: { 'com.docker.compose.version': toolVersion },
    }),
  )
  const digest = digestOf(bytes)
  await writer.putManifest({ domain, path }, { digest, mediaType: MEDIA_TYPE.index, bytes })
}

function layerOf({ kind, name, content }: ArtefactFile, toolVersion: string): ArtefactLayer {
  const annotations = {
    ...(kind === 'extended' ? { 'com.docker.compose.extends': 'true' } : {}),
    [kind === 'variables' ? 'com.docker.compose.envfile' : 'com.docker.compose.file']: name,
    'com.docker.compose.version': toolVersion,
  }
  return {
    mediaType: kind === 'variables' ? LAYER.envFile : LAYER.file,
    digest: digestOf(content),
    size: content.length,
    annotations,
    data: Buffer.from(content).toString('base64'),
  }
}
