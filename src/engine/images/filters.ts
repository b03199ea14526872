import type { Filters } from '../../api/types/index.ts'
import { failure } from '../../diagnostics/index.ts'
import type { ImageRecord, ImageStore } from '../../image/index.ts'
import { spelledOut } from '../../oci/reference.ts'
import { booleanFilter, checkFilters, matchesLabels, untilFilter } from '../words/filters.ts'

const LIST_FILTERS = ['reference', 'label', 'dangling', 'before', 'since', 'until']
const PRUNE_FILTERS = ['dangling', 'label', 'label!', 'until']

/** The image, if it is among those that `images --filter` wants, with the names alone that `reference` wants. Raises FILTER_INVALID, IMAGE_NOT_FOUND. */
export async function listFilter(
  store: Pick<ImageStore, 'resolve'>,
  filters: Filters,
): Promise<(image: ImageRecord) => ImageRecord | undefined> {
  checkFilters(filters, LIST_FILTERS)
  const dangling = booleanFilter(filters, 'dangling')
  const before = await momentOf(store, filters['before']?.[0])
  const since = await momentOf(store, filters['since']?.[0])
  const until = untilFilter(filters)
  const references = filters['reference']?.map(patternOf)
  return image => {
    const created = Date.parse(image.created)
    const isWanted =
      matchesLabels(image.config.Labels ?? {}, filters['label'] ?? []) &&
      (dangling === undefined || (image.repoTags.length === 0) === dangling) &&
      (before === undefined || created < before) &&
      (since === undefined || created > since) &&
      (until === undefined || created < until)
    if (!isWanted || references === undefined) return isWanted ? image : undefined
    const named = withNames(image, references)
    return named.repoTags.length + named.repoDigests.length === 0 ? undefined : named
  }
}

/** Without what has no name and another was committed from: nobody looks for it unless he asks for all. */
export function withoutIntermediate(images: readonly ImageRecord[]): readonly ImageRecord[] {
  const parents = new Set(images.map(({ parent }) => parent))
  return images.filter(
    ({ id, repoTags, repoDigests }) => repoTags.length + repoDigests.length > 0 || !parents.has(id),
  )
}

/** Whether `image prune --filter` takes an image. Raises FILTER_INVALID. */
export function pruneFilter(filters: Filters): (image: ImageRecord) => boolean {
  checkFilters(filters, PRUNE_FILTERS)
  const until = untilFilter(filters)
  return image => {
    const labels = image.config.Labels ?? {}
    return (
      matchesLabels(labels, filters['label'] ?? []) &&
      !(filters['label!'] ?? []).some(unwanted => matchesLabels(labels, [unwanted])) &&
      (until === undefined || Date.parse(image.created) < until)
    )
  }
}

/** When the image of that name was made, milliseconds since 1970. */
async function momentOf(
  store: Pick<ImageStore, 'resolve'>,
  name: string | undefined,
): Promise<number | undefined> {
  if (name === undefined) return undefined
  const image = await store.resolve(name)
  if (image !== undefined) return Date.parse(image.created)
  throw failure({ code: 'IMAGE_NOT_FOUND', kind: 'notFound', summary: `No such image: ${spelledOut(name)}` })
}

/** `name`, `name:tag`, or a pattern with `*`. */
function patternOf(wanted: string): RegExp {
  const text = wanted.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '[^/]*')
  return new RegExp(`^${text}(:[^/]*)?$`)
}

function withNames(image: ImageRecord, patterns: readonly RegExp[]): ImageRecord {
  const fits = (name: string): boolean =>
    patterns.some(pattern => pattern.test(name) || pattern.test(name.split('@', 1).join('')))
  return { ...image, repoTags: image.repoTags.filter(fits), repoDigests: image.repoDigests.filter(fits) }
}
