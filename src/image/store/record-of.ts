import { familiarReference, parseReference } from '../../oci/reference.ts'
import type { ImageConfig } from '../config.ts'
import type { ImageRecord } from '../record.ts'
import type { LayerInfo } from './layers.ts'

/** What a store knows of an image. */
export interface RecordParts {
  readonly id: string
  readonly config: ImageConfig
  /** In full. */
  readonly references: readonly string[]
  readonly otherPlatforms: readonly string[]
  readonly parent: string
  readonly lastTagTime: string | undefined
  /** Of its layers, bottom first; undefined for one that is missing. */
  readonly infos: readonly (LayerInfo | undefined)[]
}

/** An image as others read it. */
export function recordOf(parts: RecordParts): ImageRecord {
  const { id, config, references, otherPlatforms, parent, lastTagTime, infos } = parts
  const parsed = references.map(parseReference)
  const layerSizes = infos.map(info => info?.size ?? 0)
  return {
    id,
    otherPlatforms,
    repoTags: parsed.filter(({ digest }) => digest === undefined).map(familiarReference),
    repoDigests: parsed.filter(({ digest }) => digest !== undefined).map(familiarReference),
    created: config.created,
    architecture: config.architecture,
    ...(config.variant === undefined ? {} : { variant: config.variant }),
    os: config.os,
    author: config.author ?? '',
    comment: config.comment ?? config.history.at(-1)?.comment ?? '',
    dockerVersion: config.docker_version ?? '',
    parent,
    ...(lastTagTime === undefined ? {} : { lastTagTime }),
    config: config.config,
    diffIds: config.rootfs.diff_ids,
    history: config.history,
    layerSizes,
    size: layerSizes.reduce((total, size) => total + size, 0),
  }
}
