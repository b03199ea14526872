import type { ImageInspect, ImageSummary } from '../../types/index.ts'

/** An image's configuration was shown as a container's, with fields that no image sets. */
export function wholeConfig(config: Partial<ImageInspect['Config']>): object {
  const never = {
    ...{
      Hostname: '',
      Domainname: '',
      User: '',
      AttachStdin: false,
      AttachStdout: false,
      AttachStderr: false,
    },
    ...{ Tty: false, OpenStdin: false, StdinOnce: false, Env: null, Cmd: null, Image: '', Volumes: null },
    ...{ WorkingDir: '', Entrypoint: null, OnBuild: null, Labels: null },
  }
  return { ...never, ...config }
}

/** `Size` had two names. */
export function withVirtualSize<T extends { readonly Size: number }>(image: T): T & { VirtualSize: number } {
  return { ...image, VirtualSize: image.Size }
}

/** The same of a list. */
export function withVirtualSizes(images: readonly ImageSummary[]): readonly ImageSummary[] {
  return images.map(withVirtualSize)
}

/** An image without a name had one that said so. */
export function withoutDigests(image: ImageSummary): object {
  const { RepoTags, RepoDigests } = image
  if (RepoTags.length > 0 || RepoDigests.length > 0) {
    return { ...image, RepoDigests: RepoDigests.length === 0 ? null : RepoDigests }
  }
  return { ...image, RepoTags: ['<none>:<none>'], RepoDigests: ['<none>@<none>'] }
}
