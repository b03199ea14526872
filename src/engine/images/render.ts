import type { ImageHistoryItem, ImageInspect, ImageSummary, ProgressMessage } from '../../api/types/index.ts'
import type { ImageRecord, Progress, Removal } from '../../image/index.ts'

/** A row of the list. */
export function renderImage(image: ImageRecord): ImageSummary {
  return {
    Id: image.id,
    ParentId: '',
    RepoTags: image.repoTags,
    RepoDigests: image.repoDigests,
    Created: Math.floor(Date.parse(image.created) / 1000),
    Size: image.size,
    SharedSize: -1,
    Labels: image.config.Labels ?? null,
    Containers: -1,
  }
}

/** `GET /images/{name}/json`. */
export function renderImageInspect(image: ImageRecord): ImageInspect {
  const { Cmd, Entrypoint, ...config } = image.config
  return {
    Id: image.id,
    RepoTags: image.repoTags,
    RepoDigests: image.repoDigests,
    Parent: '',
    Comment: '',
    Created: image.created,
    DockerVersion: '',
    Author: image.author,
    Config: {
      ...config,
      ...(Cmd === null || Cmd === undefined ? {} : { Cmd }),
      ...(Entrypoint === null || Entrypoint === undefined ? {} : { Entrypoint }),
    },
    Architecture: image.architecture,
    Os: image.os,
    Size: image.size,
    GraphDriver: { Name: 'overlay2', Data: null },
    RootFS: { Type: 'layers', Layers: image.diffIds },
    Metadata: {},
  }
}

/** `GET /images/{name}/history`: newest first; sizes of single layers are not kept. */
export function renderHistory(image: ImageRecord): ImageHistoryItem[] {
  return image.history.toReversed().map((entry, index) => ({
    Id: index === 0 ? image.id : '<missing>',
    Created: Math.floor(Date.parse(entry.created) / 1000),
    CreatedBy: entry.created_by,
    Tags: index === 0 ? image.repoTags : null,
    Size: 0,
    Comment: entry.comment ?? '',
  }))
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
