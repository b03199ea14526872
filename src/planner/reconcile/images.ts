import { failure } from '../../diagnostics/index.ts'
import { parseLongDuration } from '../../notation/index.ts'
import { addBuild, type BuildRequest, finishBuilds } from '../images/builds.ts'
import {
  type BuiltService,
  furtherReferences,
  type WantedImage,
  wantedImages,
} from '../images/wanted-images.ts'
import type { Guard } from '../plan/operation.ts'
import { imageKey, imageReference } from '../project/names.ts'
import type { Context } from './context.ts'

/** What is known of a service's image before the plan runs. */
export interface ImageDecision {
  readonly reference: string
  /** Operations that get the image; none when it is there and stays as it is. */
  readonly after: readonly string[]
  /** Operations that get the images of its `image` mounts and `pre_start` steps. */
  readonly further: readonly string[]
  /** Digest that the containers will have; undefined while a pull or build may still change it. */
  readonly digest: string | undefined
}

/** Plans pulls and builds, each image once; by service name. */
export function reconcileImages(context: Context): ReadonlyMap<string, ImageDecision> {
  const { project, observed, set, builder } = context
  const images = wantedImages(context)
  for (const image of images.values()) decide(context, image)
  finishBuilds({ project, builder })
  const idsOf = (reference: string): string[] => {
    const name = images.get(imageKey(reference))?.reference ?? reference
    return [`image:${name}:pull`, `image:${name}:build`].filter(id => builder.has(id))
  }
  const decisions = new Map<string, ImageDecision>()
  for (const { name, service } of set.services) {
    if (service.provider !== undefined) continue
    const reference = imageReference(project.name, name, service)
    const after = idsOf(reference)
    decisions.set(name, {
      reference,
      after,
      further: furtherReferences(project, service).flatMap(idsOf),
      digest: after.length === 0 ? observed.images[reference]?.digest : undefined,
    })
  }
  return decisions
}

/**
 * What all that is made of images waits for, since a missing one is to leave nothing half-made: the one operation that gets an image,
 * or one that waits for all of several. None where all images are there.
 */
export function behindImages(
  { builder }: Context,
  images: ReadonlyMap<string, ImageDecision>,
): readonly string[] {
  const ids = [...new Set([...images.values()].flatMap(({ after, further }) => [...after, ...further]))]
  if (ids.length < 2) return ids
  return [
    builder.add({
      type: 'awaitImages',
      id: 'images:wait',
      after: ids,
      resource: { kind: 'image', name: 'all' },
      action: 'wait',
      cause: 'all images are there before anything is made of them',
      changes: [],
    }),
  ]
}

/** The guard of what happens only if the image is not the one that the container was made from. */
export function imageGuard(decision: ImageDecision, from: string): Guard {
  return { imageChanged: [{ reference: decision.reference, from }] }
}

/** Plans what gets the image. What the file builds is pulled only where its build stands by. */
function decide(context: Context, image: WantedImage): void {
  const { builder } = image
  if (builder === undefined || context.options.build === 'never') pull(context, image)
  else build(context, image, builder)
}

function pull(context: Context, image: WantedImage): void {
  const cause = causeOfPull(context, image)
  if (cause === undefined || (isNameOfOurs(image) && image.isLocal)) return
  if (isNameOfOurs(image)) throw mayNotBeBuilt(image)
  if (isNeverPulled(image)) throw mayNotBePulled(image)
  addPull(context, image, cause)
}

function build(context: Context, image: WantedImage, built: BuiltService): void {
  const { project, options, builder } = context
  const add = (request: BuildRequest): string => addBuild({ project, builder }, built, request)
  const cause = causeOfPull(context, image)
  if (options.build === 'always') add({ cause: '--build' })
  else if (image.policies.has('build')) add({ cause: 'pull policy is build' })
  else if (cause === undefined) return
  else if (isNameOfOurs(image) || isNobodysName(image) || isNeverPulled(image)) {
    if (!image.isLocal) add({ cause })
  } else add({ cause, unlessPulledBy: addPull(context, image, cause, 'build') })
}

/** The name that the tool gives what is built without an `image`: no registry knows it. */
function isNameOfOurs({ builder }: WantedImage): boolean {
  return builder !== undefined && builder.service.image === undefined
}

/**
 * A bare name, `app`, of what the file builds: on the hub it would be one of Docker's official images, which is not meant,
 * so that a registry is asked only where a policy says so. Docker Compose would run whatever has that name there.
 */
function isNobodysName({ builder, reference, policies }: WantedImage): boolean {
  const isAsked = [...policies].some(policy => !UNASKED.includes(policy))
  return builder !== undefined && !imageKey(reference).includes('/') && !isAsked
}

/** Policies that let an image be pulled without asking for it, or not at all. */
const UNASKED = ['missing', 'if_not_present', 'never', 'build']

function isNeverPulled({ policies }: WantedImage): boolean {
  return [...policies].every(policy => policy === 'never')
}

/** Why the image is to be had from elsewhere; undefined if what is here will do. The strictest of its users decides. */
function causeOfPull(context: Context, { isLocal, policies, reference }: WantedImage): string | undefined {
  if (!isLocal) return 'image is missing'
  if (policies.has('always')) return 'pull policy is always'
  const stale = [...policies].sort().find(policy => isStale(context, policy, reference))
  return stale === undefined ? undefined : `older than its pull policy "${stale}" allows`
}

function addPull(
  { builder }: Context,
  { reference, platform }: WantedImage,
  cause: string,
  fallback?: 'build',
): string {
  return builder.add({
    type: 'pullImage',
    id: `image:${reference}:pull`,
    after: [],
    resource: { kind: 'image', name: reference },
    action: 'pull',
    cause,
    changes: [],
    reference,
    ...(platform === undefined ? {} : { platform }),
    ...(fallback === undefined ? {} : { fallback, bestEffort: true }),
  })
}

const DAY = 86_400_000

/** `daily`, `weekly`, `every_<duration>`: true once the image's last tag is older than that. */
function isStale(context: Context, policy: string, reference: string): boolean {
  const window = windowOf(policy)
  if (window === undefined) return false
  // Looked at here alone: what else is planned does not hang on the moment.
  const { now } = context.options
  if (now === undefined) return false
  const tagged = Date.parse(context.observed.images[reference]?.lastTagged ?? '')
  return Number.isNaN(tagged) || now - tagged > window
}

function windowOf(policy: string): number | undefined {
  if (policy === 'daily') return DAY
  if (policy === 'weekly') return 7 * DAY
  const nanoseconds = policy.startsWith('every_')
    ? parseLongDuration(policy.slice('every_'.length))
    : undefined
  return nanoseconds === undefined ? undefined : nanoseconds / 1e6
}

function mayNotBePulled({ reference }: WantedImage): Error {
  return failure({
    kind: 'notFound',
    code: 'IMAGE_NOT_FOUND',
    summary: `image "${reference}" is not here and its pull policy does not let it be pulled`,
    hint: 'build or pull it yourself, or use another pull policy',
  })
}

function mayNotBeBuilt({ reference, builder }: WantedImage): Error {
  return failure({
    kind: 'notFound',
    code: 'IMAGE_NOT_FOUND',
    summary: `image "${reference}" of service "${builder?.name}" is not here and may not be built`,
    hint: 'leave out --no-build',
  })
}
