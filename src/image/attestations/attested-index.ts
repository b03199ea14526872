import type { Descriptor } from '../../oci/descriptor.ts'
import { digestOf } from '../../oci/digest-of.ts'
import { MEDIA_TYPE, OCI_CONFIG } from '../../oci/media-types.ts'
import type { Platform } from '../../oci/platform.ts'
import type { ManifestContent } from '../registry/index.ts'
import type { Predicate } from './predicate.ts'
import { statementOf } from './statement.ts'

/** What is said of an image, as documents that belong together. */
export interface Attestation {
  readonly manifest: ManifestContent
  /** What the manifest names. */
  readonly blobs: readonly { readonly descriptor: Descriptor; readonly bytes: Uint8Array }[]
}

/** An image of an index. */
export interface IndexedImage {
  readonly manifest: ManifestContent
  readonly platform: Platform
  readonly attestation?: ManifestContent
}

const IN_TOTO = 'application/vnd.in-toto+json'

/**
 * What is said of the image of a manifest, in the form of BuildKit (docs/attestations/attestation-storage.md of its sources): each
 * predicate is a layer of a manifest of their own. `names`: package URLs of the image.
 */
export function attestationOf(
  manifest: ManifestContent,
  names: readonly string[],
  predicates: readonly Predicate[],
): Attestation {
  const statements = predicates.map(predicate => statementOfImage(predicate, manifest.digest, names))
  const layers = statements.map(({ type, bytes }) => ({
    mediaType: IN_TOTO,
    digest: digestOf(bytes),
    size: bytes.length,
    annotations: { 'in-toto.io/predicate-type': type },
  }))
  const config = jsonBytes({
    architecture: 'unknown',
    os: 'unknown',
    config: {},
    rootfs: { type: 'layers', diff_ids: layers.map(({ digest }) => digest) },
  })
  const configDescriptor = { mediaType: OCI_CONFIG, digest: digestOf(config), size: config.length }
  const blobs = [
    { descriptor: configDescriptor, bytes: config },
    ...statements.map(({ bytes }, at) => ({ descriptor: layers[at] ?? configDescriptor, bytes })),
  ]
  return { manifest: contentOf(MEDIA_TYPE.manifest, { config: configDescriptor, layers }), blobs }
}

/** The index of images: what is said of one is for no platform, and names the manifest that it is about. */
export function indexOf(images: readonly IndexedImage[]): ManifestContent {
  const manifests = images.map(({ manifest, platform }) => ({ ...descriptorOf(manifest), platform }))
  const attestations = images.flatMap(({ manifest, attestation }) =>
    attestation === undefined
      ? []
      : [
          {
            ...descriptorOf(attestation),
            annotations: {
              'vnd.docker.reference.digest': manifest.digest,
              'vnd.docker.reference.type': 'attestation-manifest',
            },
            platform: { architecture: 'unknown', os: 'unknown' },
          },
        ],
  )
  return contentOf(MEDIA_TYPE.index, { manifests: [...manifests, ...attestations] })
}

function statementOfImage(predicate: Predicate, digest: string, names: readonly string[]): Predicate {
  const subjects = names.map(name => ({ name, digest }))
  return { type: predicate.type, bytes: jsonBytes(statementOf(predicate, subjects)) }
}

function contentOf(mediaType: string, fields: object): ManifestContent {
  const bytes = jsonBytes({ schemaVersion: 2, mediaType, ...fields })
  return { mediaType, digest: digestOf(bytes), bytes }
}

function descriptorOf({ mediaType, digest, bytes }: ManifestContent): Descriptor {
  return { mediaType, digest, size: bytes.length }
}

function jsonBytes(value: object): Uint8Array {
  return Buffer.from(JSON.stringify(value))
}
