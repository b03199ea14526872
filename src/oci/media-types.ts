/** Media types of manifests (OCI image specification, media-types.md) with those of Docker that mean the same. */
export const MEDIA_TYPE = {
  index: 'application/vnd.oci.image.index.v1+json',
  manifest: 'application/vnd.oci.image.manifest.v1+json',
  dockerIndex: 'application/vnd.docker.distribution.manifest.list.v2+json',
  dockerManifest: 'application/vnd.docker.distribution.manifest.v2+json',
} as const

/** Of an image's config. */
export const OCI_CONFIG = 'application/vnd.oci.image.config.v1+json'

/** Media types of layers. */
export const OCI_LAYER = {
  tar: 'application/vnd.oci.image.layer.v1.tar',
  gzip: 'application/vnd.oci.image.layer.v1.tar+gzip',
} as const

/** The media type of a layer as OCI's manifests have it, of Docker's or its own. */
export function ociLayerType(mediaType: string): string {
  if (mediaType === 'application/vnd.docker.image.rootfs.diff.tar') return OCI_LAYER.tar
  if (mediaType === 'application/vnd.docker.image.rootfs.diff.tar.gzip') return OCI_LAYER.gzip
  return mediaType
}

/** True for the media type of an index, OCI's or Docker's. */
export function isIndexType(mediaType: string): boolean {
  return mediaType === MEDIA_TYPE.index || mediaType === MEDIA_TYPE.dockerIndex
}

/** True for the media type of one image's manifest, OCI's or Docker's. */
export function isManifestType(mediaType: string): boolean {
  return mediaType === MEDIA_TYPE.manifest || mediaType === MEDIA_TYPE.dockerManifest
}
