import type { Descriptor } from '../../oci/descriptor.ts'

/** One layer of a Compose artefact. */
export interface ArtefactLayer extends Descriptor {
  readonly annotations?: Readonly<Record<string, string>>
  /** The bytes in base64, where the manifest carries them itself. */
  readonly data?: string
}

/** A manifest, as much of it as a Compose artefact uses. */
export interface ArtefactManifest {
  readonly artifactType?: string
  readonly config?: { readonly mediaType?: string }
  readonly layers?: readonly ArtefactLayer[]
}

/** An index: an artefact that was published together with its images. */
export interface ArtefactIndex {
  readonly manifests?: readonly (Descriptor & { readonly artifactType?: string })[]
}

/** Type of a Compose project. */
export const PROJECT = 'application/vnd.docker.compose.project'
/** Before artefacts had types of their own, the config's said it. */
export const OLD_CONFIG = 'application/vnd.docker.compose.config.empty.v1+json'

/** Media types of the layers that `docker compose publish` writes. */
export const LAYER = {
  file: 'application/vnd.docker.compose.file+yaml',
  envFile: 'application/vnd.docker.compose.envfile',
} as const

/** True for the manifest of a Compose project. */
export function isProject({ artifactType, config }: ArtefactManifest): boolean {
  return artifactType ? artifactType === PROJECT : config?.mediaType === OLD_CONFIG
}

/** The descriptor of the Compose project in an index; undefined when it has none. */
export function projectOf({ manifests }: ArtefactIndex): Descriptor | undefined {
  return manifests?.find(({ artifactType }) => artifactType === PROJECT)
}
