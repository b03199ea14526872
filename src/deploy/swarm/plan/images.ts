import type { ServicePlacement, ServiceSpec } from '../../../api/types/index.ts'
import { IMAGE_LABEL } from '../convert/names.ts'

/** An image as a registry has it at this moment: by its digest, and what it runs on. */
export interface PinnedImage {
  readonly reference: string
  readonly platforms: NonNullable<ServicePlacement['Platforms']>
}

/** When registries are asked for digests: for all, for those that the file names otherwise than before, or for none. */
export type ResolveImage = 'always' | 'changed' | 'never'

/** Whether the image of a service is to be asked for. */
export function needsDigest(mode: ResolveImage, image: string, kept: ServiceSpec | undefined): boolean {
  if (image.includes('@') || mode === 'never') return false
  return mode === 'always' || kept?.Labels?.[IMAGE_LABEL] !== image
}

/** The service with its image by digest; as the swarm has it where the file names the same and no registry was asked, or answered. */
export function withImage(
  wanted: ServiceSpec,
  kept: ServiceSpec | undefined,
  pinned: PinnedImage | undefined,
): ServiceSpec {
  const isSame = kept?.Labels?.[IMAGE_LABEL] === wanted.Labels?.[IMAGE_LABEL]
  const { Placement: placement, ContainerSpec: container } = wanted.TaskTemplate ?? {}
  const { Placement: keptPlacement, ContainerSpec: keptContainer } = kept?.TaskTemplate ?? {}
  const image = pinned?.reference ?? (isSame ? keptContainer?.Image : undefined)
  if (image === undefined) return wanted
  const platforms = placement?.Platforms ?? pinned?.platforms ?? keptPlacement?.Platforms
  return {
    ...wanted,
    TaskTemplate: {
      ...wanted.TaskTemplate,
      ContainerSpec: { ...container, Image: image },
      Placement: {
        ...placement,
        ...(platforms === undefined || platforms.length === 0 ? {} : { Platforms: platforms }),
      },
    },
  }
}
