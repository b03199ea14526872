import { decimalBytes, storageBytes } from '../../../notation/index.ts'
import type { ImageSummary } from '../../../project/storage/types.ts'
import { createdAt, createdSince, shortId } from '../../views/listing/docker-text.ts'
import type { Listing } from '../../views/listing/listing.ts'

/** A name of an image, as a row of Docker's list: its digest, where its repository is known by one. */
export interface ImageRow {
  readonly image: ImageSummary
  readonly repository: string
  readonly tag: string
  readonly digest: string
}

const NONE = '<none>'

/** What decides the rows and their texts. */
export interface ImageRowsForm {
  /** Each digest of a repository has a row. */
  readonly digests: boolean
  /** Containers are counted: Docker's client asks for that only where it shows what takes space. */
  readonly counts?: boolean
  /** Ids and digests whole. */
  readonly whole: boolean
  /** Unix milliseconds. */
  readonly now: number
}

/** A row a name; one for an image without any. */
export function imageRows(
  images: readonly ImageSummary[],
  { digests }: Pick<ImageRowsForm, 'digests'>,
): readonly ImageRow[] {
  return images.flatMap(image => {
    const known = (image.RepoDigests ?? []).map(text => split(text, '@'))
    const tags = (image.RepoTags ?? []).map(text => split(text, ':'))
    const tagged = tags.flatMap(([repository, tag]): ImageRow[] => {
      const own = known.filter(([name]) => name === repository).map(([, digest]) => digest)
      const shown = digests && own.length > 0 ? own : [NONE]
      return shown.map(digest => ({ image, repository, tag, digest }))
    })
    if (tagged.length > 0) return tagged
    const names = new Set(known.map(([repository]) => repository))
    if (names.size === 0) return [{ image, repository: NONE, tag: NONE, digest: NONE }]
    if (!digests) return [...names].map(repository => ({ image, repository, tag: NONE, digest: NONE }))
    return known.map(([repository, digest]) => ({ image, repository, tag: NONE, digest }))
  })
}

/** `registry:5000/a:b` at its last `:`, `a@sha256:…` at its `@`. */
function split(text: string, mark: '@' | ':'): readonly [string, string] {
  const at = mark === '@' ? text.indexOf(mark) : text.lastIndexOf(mark)
  return at < 0 ? [text, NONE] : [text.slice(0, at), text.slice(at + 1)]
}

/** Images with the fields of `docker image ls`. */
export function imageListing({ digests, whole, now, counts = false }: ImageRowsForm): Listing<ImageRow> {
  return {
    fields: {
      Containers: {
        title: 'CONTAINERS',
        of: ({ image }) => (counts && image.Containers >= 0 ? `${image.Containers}` : 'N/A'),
      },
      CreatedAt: { title: 'CREATED AT', of: ({ image }) => createdAt(image.Created) },
      CreatedSince: {
        title: 'CREATED',
        of: ({ image }) => createdSince(image.Created, now),
      },
      Digest: { title: 'DIGEST', of: ({ digest }) => digest },
      ID: { title: 'IMAGE ID', of: ({ image: { Id } }) => (whole ? Id : shortId(Id)) },
      Repository: { title: 'REPOSITORY', of: ({ repository }) => repository },
      SharedSize: { title: 'SHARED SIZE', of: ({ image }) => sharedSize(image.SharedSize) },
      Size: { title: 'SIZE', of: ({ image }) => decimalBytes(image.Size) },
      Tag: { title: 'TAG', of: ({ tag }) => tag },
      UniqueSize: {
        title: 'UNIQUE SIZE',
        of: ({ image: { Size, SharedSize } }) => sharedSize(SharedSize < 0 ? -1 : Size - SharedSize),
      },
      VirtualSize: { title: 'SIZE', of: ({ image }) => storageBytes(image.Size) },
    },
    columns: ['Repository', 'Tag', ...(digests ? ['Digest'] : []), 'ID', 'CreatedSince', 'Size'],
  }
}

function sharedSize(bytes: number): string {
  return bytes < 0 ? 'N/A' : storageBytes(bytes)
}
