import type { Filters } from '../../api/types/index.ts'
import { failure } from '../../diagnostics/index.ts'
import type { ImageRecord, ImageStore } from '../../image/index.ts'
import { booleanFilter, checkFilters, matchesLabels, untilFilter } from '../words/filters.ts'

const LIST_FILTERS = ['reference', 'label', 'dangling', 'before', 'since', 'until']
const PRUNE_FILTERS = ['dangling', 'label', 'label!', 'until']

/** Whether an image is among those that `images --filter` wants. Raises FILTER_INVALID, IMAGE_NOT_FOUND. */
export async function listFilter(
  store: Pick<ImageStore, 'resolve'>,
  filters: Filters,
): Promise<(image: ImageRecord) => boolean> {
  checkFilters(filters, LIST_FILTERS)
  const dangling = booleanFilter(filters, 'dangling')
  const before = await momentOf(store, filters['before']?.[0])
  const since = await momentOf(store, filters['since']?.[0])
  const until = untilFilter(filters)
  const references = filters['reference']?.map(patternOf)
  return image => {
    const created = Date.parse(image.created)
    return (
      matchesLabels(image.config.Labels ?? {}, filters['label'] ?? []) &&
      (dangling === undefined || (image.repoTags.length === 0) === dangling) &&
      (before === undefined || created < before) &&
      (since === undefined || created > since) &&
      (until === undefined || created < until) &&
      (references === undefined || references.some(pattern => isNamed(image, pattern)))
    )
  }
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
  throw failure({ code: 'IMAGE_NOT_FOUND', kind: 'notFound', summary: `No such image: ${name}` })
}

/** `name`, `name:tag`, or a pattern with `*`. */
function patternOf(wanted: string): RegExp {
  const text = wanted.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '[^/]*')
  return new RegExp(`^${text}(:[^/]*)?$`)
}

function isNamed({ repoTags, repoDigests }: ImageRecord, pattern: RegExp): boolean {
  return [...repoTags, ...repoDigests].some(
    name => pattern.test(name) || pattern.test(name.split('@', 1).join('')),
  )
}
