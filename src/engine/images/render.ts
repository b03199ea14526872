import type {
  BuildCacheItem,
  ImageHistoryItem,
  ImageInspect,
  ImageSummary,
  ProgressMessage,
} from '../../api/types/index.ts'
import type { CacheMountSpace, ImageRecord, Progress, Removal, StepSpace } from '../../image/index.ts'

/** A row of the list. */
export function renderImage(image: ImageRecord): ImageSummary {
  return {
    Id: image.id,
    ParentId: image.parent,
    RepoTags: image.repoTags,
    RepoDigests: image.repoDigests,
    Created: Math.floor(Date.parse(image.created) / 1000),
    Size: image.size,
    SharedSize: -1,
    Labels: image.config.Labels ?? null,
    Containers: -1,
  }
}

/** `GET /images/{name}/json`; `layers` are the image's folders, top first. */
export function renderImageInspect(image: ImageRecord, layers: readonly string[]): ImageInspect {
  const [upper = '', ...lower] = layers
  return {
    Id: image.id,
    RepoTags: image.repoTags,
    RepoDigests: image.repoDigests,
    Parent: image.parent,
    Comment: image.comment,
    Created: image.created,
    DockerVersion: image.dockerVersion,
    Author: image.author,
    Config: renderConfig(image.config),
    Architecture: image.architecture,
    ...(image.variant === undefined ? {} : { Variant: image.variant }),
    Os: image.os,
    Size: image.size,
    GraphDriver: {
      Name: 'overlay2',
      Data: { ...(lower.length === 0 ? {} : { LowerDir: lower.join(':') }), UpperDir: upper },
    },
    RootFS: { Type: 'layers', Layers: image.diffIds },
    Metadata: image.lastTagTime === undefined ? {} : { LastTagTime: image.lastTagTime },
  }
}

/** With the fields that Docker always shows. */
function renderConfig({ Cmd, Entrypoint, ...config }: ImageRecord['config']): ImageInspect['Config'] {
  return {
    ...{ User: '', Env: null, Volumes: null, WorkingDir: '', OnBuild: null, Labels: null },
    ...config,
    Cmd: Cmd ?? null,
    Entrypoint: Entrypoint ?? null,
  }
}

/** `GET /images/{name}/history`: newest first. `ancestry`: the image, and those that it was committed from, as far as known. */
export function renderHistory(
  image: ImageRecord,
  ancestry: readonly Pick<ImageRecord, 'id' | 'repoTags'>[],
): ImageHistoryItem[] {
  const sizes = [...image.layerSizes]
  const items = image.history.map(entry => ({
    Created: Math.floor(Date.parse(entry.created) / 1000),
    CreatedBy: entry.created_by ?? '',
    Size: entry.empty_layer === true ? 0 : (sizes.shift() ?? 0),
    Comment: entry.comment ?? '',
  }))
  return items.toReversed().map((item, index) => {
    const { id, repoTags } = ancestry[index] ?? { id: '<missing>', repoTags: [] }
    return { Id: id, Tags: repoTags.length === 0 ? null : repoTags, ...item }
  })
}

/** A line of a pull. */
export function renderProgress(progress: Progress): ProgressMessage {
  const { id, status, current, total } = progress
  return {
    status,
    ...(id === undefined ? {} : { id }),
    ...(current === undefined && total === undefined
      ? {}
      : {
          progressDetail: {
            ...(current === undefined ? {} : { current }),
            ...(total === undefined ? {} : { total }),
          },
        }),
  }
}

/** A line of a removal. */
export function renderRemoval(removal: Removal): { readonly Untagged?: string; readonly Deleted?: string } {
  return 'untagged' in removal ? { Untagged: removal.untagged } : { Deleted: removal.deleted }
}

const SHORT_ID = 25

/** What a build step keeps, as `GET /system/df` lists it. */
export function renderStep({ key, entry, lastUsed, onDisk, shared }: StepSpace): BuildCacheItem {
  return {
    ID: key.slice('sha256:'.length, 'sha256:'.length + SHORT_ID),
    Type: 'regular',
    Description: entry.text,
    InUse: false,
    Shared: shared,
    Size: onDisk,
    CreatedAt: entry.created,
    LastUsedAt: new Date(lastUsed).toISOString(),
    UsageCount: 1,
  }
}

/** The same of what is kept beside steps, under BuildKit's words for its kinds. */
export function renderKept(
  Type: BuildCacheItem['Type'],
  Description: string,
  { key, lastUsed, onDisk, inUse = false }: CacheMountSpace & { readonly inUse?: boolean },
): BuildCacheItem {
  const time = new Date(lastUsed).toISOString()
  return {
    ...{ ID: key.slice(0, SHORT_ID), Type, Description, InUse: inUse, Shared: false, Size: onDisk },
    ...{ CreatedAt: time, LastUsedAt: time, UsageCount: 1 },
  }
}
