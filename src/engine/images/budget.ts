import { failure } from '../../diagnostics/index.ts'
import type { FreedImage, ImageRecord, ImageStoreOptions } from '../../image/index.ts'
import { decimalBytes, parseBytes } from '../../notation/index.ts'
import { familiarReference, parseReference } from '../../oci/reference.ts'
import { tellImage } from '../events/image-event.ts'
import type { EngineContext } from '../state/context.ts'

type Parts = Pick<EngineContext, 'containers' | 'events' | 'warn'>

/** The budget of images that TSCOMPOSE_IMAGES_MAX says. One that is no size is told of and is none: no image shall go by mistake. */
export function imageBudget(text: string, parts: Parts): Pick<ImageStoreOptions, 'budget'> {
  if (text === '') return {}
  const bytes = parseBytes(text)
  if (bytes !== undefined && bytes > 0n)
    return {
      budget: {
        bytes: Number(bytes),
        keeps: image => isNamedByContainer(parts, image),
        onFreed: freed => tellFreed(parts, freed),
      },
    }
  const { diagnostics } = failure({
    code: 'IMAGE_BUDGET_INVALID',
    summary: `TSCOMPOSE_IMAGES_MAX="${text}" is no size such as 20GB, and images are kept whatever they take`,
  })
  for (const diagnostic of diagnostics) parts.warn({ ...diagnostic, severity: 'warning' })
  return {}
}

/** Whether a container was made by one of the image's names, which may have led to another image then: it stays. */
function isNamedByContainer({ containers }: Parts, { repoTags }: ImageRecord): boolean {
  const tags = new Set(repoTags)
  return [...containers.values()].some(({ record }) => tags.has(spelledOut(record.config.Image ?? '')))
}

/** An id, or the beginning of one, is no name. */
function spelledOut(image: string): string {
  return /^(?:sha256:[0-9a-f]*|[0-9a-f]{12,64}|)$/.test(image) ? '' : familiarReference(parseReference(image))
}

/** Says in the log and to who listens what the budget has taken. */
function tellFreed({ events, warn }: Parts, { image, removals }: FreedImage): void {
  const name = image.repoTags[0] ?? image.id
  warn({
    severity: 'note',
    code: 'IMAGE_BUDGET',
    summary: `image "${name}" (${decimalBytes(image.size)}) was removed: nobody uses it, and images take more than TSCOMPOSE_IMAGES_MAX`,
  })
  for (const removal of removals) {
    if ('untagged' in removal) tellImage({ events }, 'untag', image.id)
    else tellImage({ events }, 'delete', removal.deleted)
  }
}
