import type {
  Filters,
  ImageDeleteItem,
  ImageHistoryItem,
  ImageInspect,
  ImagePruneResponse,
  ImageSummary,
} from '../../api/types/index.ts'
import { Failure } from '../../diagnostics/index.ts'
import { parsePlatform } from '../../oci/platform.ts'
import { splitReference } from '../../oci/reference.ts'
import { withEngine } from '../engine.ts'
import { environmentOf, type Target } from '../target.ts'

export interface ListImagesRequest {
  /** Intermediate images, too. */
  readonly all?: boolean
  readonly filters?: Filters
}

/** The images of the engine, whatever project they are of, newest first. */
export function listImages(
  target: Target,
  { all = false, filters = {} }: ListImagesRequest = {},
): Promise<readonly ImageSummary[]> {
  return withEngine(environmentOf(target), docker => docker.listImages({ all, filters }))
}

/** Of a name with images for several platforms the one for this: `linux/arm64`. */
export interface ForPlatform {
  readonly platform?: string
}

/** What became of each of several names. */
export interface Outcome<T> {
  readonly done: readonly T[]
  /** Of the others, in their order. */
  readonly failures: readonly Failure[]
}

/** What images are, each by a name of its own; one that is not there does not keep the others from being told. */
export function inspectImages(
  target: Target,
  names: readonly string[],
  { platform }: ForPlatform = {},
): Promise<Outcome<ImageInspect>> {
  return withEngine(environmentOf(target), docker =>
    eachOf(names, name => docker.getImage(name).inspect(platformQuery(platform))),
  )
}

/** How an image was made, the latest step first. */
export function imageHistory(
  target: Target,
  name: string,
  { platform }: ForPlatform = {},
): Promise<readonly ImageHistoryItem[]> {
  return withEngine(environmentOf(target), docker => docker.getImage(name).history(platformQuery(platform)))
}

function platformQuery(text: string | undefined): { readonly platform?: string } {
  if (text === undefined) return {}
  const { os, architecture, variant } = parsePlatform(text)
  return { platform: JSON.stringify({ os, architecture, ...(variant === undefined ? {} : { variant }) }) }
}

/** Gives an image one more name, `REPOSITORY[:TAG]`. */
export function tagImage(target: Target, name: string, reference: string): Promise<void> {
  const { name: repo, tag = 'latest' } = splitReference(reference)
  return withEngine(environmentOf(target), docker => docker.getImage(name).tag({ repo, tag }))
}

export interface RemoveImagesRequest {
  readonly force?: boolean
  /** Keeps what the image was made of, though nobody names it. */
  readonly keepParents?: boolean
}

/** Takes names away, and images with their last ones; what was done for each. */
export function removeImages(
  target: Target,
  names: readonly string[],
  { force = false, keepParents = false }: RemoveImagesRequest = {},
): Promise<Outcome<readonly ImageDeleteItem[]>> {
  return withEngine(environmentOf(target), docker =>
    eachOf(names, name => docker.getImage(name).remove({ force, noprune: keepParents })),
  )
}

export interface PruneImagesRequest {
  /** All that no container is made of, not only those without a name. */
  readonly all?: boolean
  readonly filters?: Filters
}

/** Removes images that nobody needs. */
export function pruneImages(
  target: Target,
  { all = false, filters = {} }: PruneImagesRequest = {},
): Promise<ImagePruneResponse> {
  const dangling = [all ? 'false' : 'true']
  return withEngine(environmentOf(target), docker =>
    docker.pruneImages({ filters: { dangling, ...filters } }),
  )
}

/** One after the other, as they are given. */
async function eachOf<T>(names: readonly string[], work: (name: string) => Promise<T>): Promise<Outcome<T>> {
  const done: T[] = []
  const failures: Failure[] = []
  for (const name of names) {
    try {
      done.push(await work(name))
    } catch (error) {
      if (!(error instanceof Failure) || error.kind === 'unavailable') throw error
      failures.push(error)
    }
  }
  return { done, failures }
}
