import { failure } from '../../diagnostics/index.ts'
import { nanosecondsOf, type Service } from '../../model/index.ts'
import { imageMountReference, imageReference } from '../names.ts'
import type { Guard } from '../operation.ts'
import type { SelectedService } from '../service-set.ts'
import { addBuild } from './builds.ts'
import type { Context } from './context.ts'

/** What is known of a service's image before the plan runs. */
export interface ImageDecision {
  readonly reference: string
  /** Operations that get the image; none when it is there and stays as it is. */
  readonly after: readonly string[]
  /** Digest that the containers will have; undefined while a pull or build may still change it. */
  readonly digest: string | undefined
}

/** Plans pulls and builds (features.md 3.24), each image once; by service name. */
export function reconcileImages(context: Context): ReadonlyMap<string, ImageDecision> {
  const decisions = new Map<string, ImageDecision>()
  for (const selected of context.set.services) {
    if (selected.service.provider !== undefined) continue
    decisions.set(selected.name, decide(context, selected))
  }
  return decisions
}

/** The guard of what happens only if the image is not the one that the container was made from. */
export function imageGuard(decision: ImageDecision, from: string): Guard {
  return { imageChanged: [{ reference: decision.reference, from }] }
}

/** Images of `image` mounts and `pre_start` steps; ids of the pulls that they need. */
export function reconcileFurtherImages(context: Context, service: Service): string[] {
  const references = [
    ...(service.volumes ?? [])
      .filter(mount => mount.type === 'image' && mount.source !== undefined)
      .map(mount => imageMountReference(context.project, mount.source ?? '')),
    ...(service.pre_start ?? []).flatMap(hook => (hook.image === undefined ? [] : [hook.image])),
  ]
  return [...new Set(references)].flatMap(reference => {
    const ids = [`image:${reference}:pull`, `image:${reference}:build`].filter(id => context.builder.has(id))
    if (ids.length > 0 || context.observed.images[reference] !== undefined) return ids
    return [addPull(context, reference, service, 'image is missing')]
  })
}

function decide(context: Context, selected: SelectedService): ImageDecision {
  const { name, service } = selected
  const reference = imageReference(context.project.name, name, service)
  const local = context.observed.images[reference]
  const ids =
    service.build === undefined ? pulls(context, selected, reference) : builds(context, selected, reference)
  return { reference, after: ids, digest: ids.length === 0 ? local?.digest : undefined }
}

function pulls(context: Context, { service }: SelectedService, reference: string): string[] {
  const policy = context.options.pull ?? service.pull_policy ?? 'missing'
  if (context.observed.images[reference] === undefined) {
    if (policy === 'never')
      throw failure({
        kind: 'notFound',
        code: 'IMAGE_NOT_FOUND',
        summary: `image "${reference}" is not here and its pull policy is "never"`,
        hint: 'pull it yourself or use another pull policy',
      })
    return [addPull(context, reference, service, 'image is missing')]
  }
  if (policy === 'always') return [addPull(context, reference, service, 'pull policy is always')]
  if (isStale(context, policy, reference))
    return [addPull(context, reference, service, `older than its pull policy "${policy}" allows`)]
  return []
}

function builds(context: Context, selected: SelectedService, reference: string): string[] {
  const { service } = selected
  const policy = context.options.pull ?? service.pull_policy ?? 'missing'
  const isLocal = context.observed.images[reference] !== undefined
  if (context.options.build === 'never') {
    if (isLocal) return []
    if (service.image === undefined || policy === 'never')
      throw failure({
        kind: 'notFound',
        code: 'IMAGE_NOT_FOUND',
        summary: `image "${reference}" of service "${selected.name}" is not here and may not be built`,
        hint: 'leave out --no-build',
      })
    return [addPull(context, reference, service, 'image is missing')]
  }
  const build = (cause: string): string[] => [addBuild(context, selected, { cause })]
  if (context.options.build === 'always') return build('--build')
  if (policy === 'build') return build('pull policy is build')
  if (isLocal && policy !== 'always') return []
  if (service.image === undefined || policy === 'never') return isLocal ? [] : build('image is missing')
  const cause = isLocal ? 'pull policy is always' : 'image is missing'
  const pull = addPull(context, reference, service, cause, 'build')
  return [pull, addBuild(context, selected, { cause, unlessPulledBy: pull })]
}

function addPull(
  context: Context,
  reference: string,
  service: Service,
  cause: string,
  fallback?: 'build',
): string {
  const id = `image:${reference}:pull`
  if (context.builder.has(id)) return id
  return context.builder.add({
    type: 'pullImage',
    id,
    after: [],
    resource: { kind: 'image', name: reference },
    action: 'pull',
    cause,
    changes: [],
    reference,
    ...(service.platform === undefined ? {} : { platform: service.platform }),
    ...(fallback === undefined ? {} : { fallback, bestEffort: true }),
  })
}

const DAY = 86_400_000

/** `daily`, `weekly`, `every_<duration>`: true once the image's last tag is older than that. */
function isStale(context: Context, policy: string, reference: string): boolean {
  const window = windowOf(policy)
  const { now } = context.options
  if (window === undefined || now === undefined) return false
  const tagged = Date.parse(context.observed.images[reference]?.lastTagged ?? '')
  return Number.isNaN(tagged) || now - tagged > window
}

function windowOf(policy: string): number | undefined {
  if (policy === 'daily') return DAY
  if (policy === 'weekly') return 7 * DAY
  const nanoseconds = policy.startsWith('every_') ? nanosecondsOf(policy.slice('every_'.length)) : undefined
  return nanoseconds === undefined ? undefined : nanoseconds / 1e6
}
