import type {
  Filters,
  ImageDeleteItem,
  ImageHistoryItem,
  ImageInspect,
  ImagePruneResponse,
  ImageSummary,
} from '../../api/types/index.ts'
import { Failure, failure } from '../../diagnostics/index.ts'
import { parsePlatform } from '../../oci/platform.ts'
import { parseReference } from '../../oci/reference.ts'
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
  return text === undefined ? {} : { platform: wirePlatform(text) }
}

/** A platform as the API has it. Raises PLATFORM_INVALID. */
export function wirePlatform(text: string): string {
  const { os, architecture, variant } = parsePlatform(text)
  return JSON.stringify({ os, architecture, ...(variant === undefined ? {} : { variant }) })
}

/** Gives an image one more name, `REPOSITORY[:TAG]`. Raises REFERENCE_INVALID. */
export async function tagImage(target: Target, name: string, reference: string): Promise<void> {
  const { domain, path, tag = 'latest', digest } = parseReference(reference)
  if (digest !== undefined)
    throw failure({
      code: 'REFERENCE_INVALID',
      kind: 'invalidArgument',
      summary: `"${reference}" has a digest and cannot be a tag`,
      hint: 'write it as [registry/]name[:tag]',
    })
  const repo = `${domain}/${path}`
  return withEngine(environmentOf(target), docker => docker.getImage(name).tag({ repo, tag }))
}

export interface RemoveImagesRequest {
  readonly force?: boolean
  /** Keeps what the image was made of, though nobody names it. */
  readonly keepParents?: boolean
  /** Only the images for these, `linux/arm64`, of those that a name has. */
  readonly platforms?: readonly string[]
}

/** Takes names away, and images with their last ones; what was done for each. */
export function removeImages(
  target: Target,
  names: readonly string[],
  { force = false, keepParents = false, platforms = [] }: RemoveImagesRequest = {},
): Promise<Outcome<readonly ImageDeleteItem[]>> {
  return withEngine(environmentOf(target), docker =>
    eachOf(names, name =>
      docker.getImage(name).remove({
        force,
        noprune: keepParents,
        platforms: platforms.map(wirePlatform),
      }),
    ),
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
