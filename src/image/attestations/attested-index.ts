import type { Descriptor } from '../../oci/descriptor.ts'
import { hexOf } from '../../oci/digest.ts'
import { digestOf } from '../../oci/digest-of.ts'
import { MEDIA_TYPE, OCI_CONFIG } from '../../oci/media-types.ts'
import type { ManifestContent } from '../registry/index.ts'
import type { Predicate } from './predicate.ts'

/** An image with what is said of it, as documents that belong together. */
export interface AttestedImage {
  /** Of the image and of its attestations. */
  readonly index: ManifestContent
  readonly attestation: ManifestContent
  /** What the attestation's manifest names. */
  readonly blobs: readonly { readonly descriptor: Descriptor; readonly bytes: Uint8Array }[]
}

/** Of the image that attestations are of. */
export interface AttestedSubject {
  readonly manifest: ManifestContent
  readonly platform: { readonly os: string; readonly architecture: string; readonly variant?: string }
  /** Package URLs of the image. */
  readonly names: readonly string[]
}

const STATEMENT = 'https://in-toto.io/Statement/v1'
const IN_TOTO = 'application/vnd.in-toto+json'

/**
 * Makes the index of an image and its attestations, in the form of BuildKit (docs/attestations/attestation-storage.md of its
 * sources): each predicate is a layer of a manifest that is for no platform and says which one it is about.
 */
export function attestedImage(subject: AttestedSubject, predicates: readonly Predicate[]): AttestedImage {
  const { manifest, platform, names } = subject
  const statements = predicates.map(predicate => statementOf(predicate, manifest.digest, names))
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
  const attestation = contentOf(MEDIA_TYPE.manifest, { config: configDescriptor, layers })
  const index = contentOf(MEDIA_TYPE.index, {
    manifests: [
      { ...descriptorOf(manifest), platform },
      {
        ...descriptorOf(attestation),
        annotations: {
          'vnd.docker.reference.digest': manifest.digest,
          'vnd.docker.reference.type': 'attestation-manifest',
        },
        platform: { architecture: 'unknown', os: 'unknown' },
      },
    ],
  })
  const blobs = [
    { descriptor: configDescriptor, bytes: config },
    ...statements.map(({ bytes }, at) => ({ descriptor: layers[at] ?? configDescriptor, bytes })),
  ]
  return { index, attestation, blobs }
}

function statementOf({ type, bytes }: Predicate, digest: string, names: readonly string[]): Predicate {
  const statement = {
    _type: STATEMENT,
    subject: names.map(name => ({ name, digest: { sha256: hexOf(digest) } })),
    predicateType: type,
    predicate: JSON.parse(Buffer.from(bytes).toString('utf8')) as unknown,
  }
  return { type, bytes: jsonBytes(statement) }
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
