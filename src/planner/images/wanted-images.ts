import type { Project, Service } from '../../model/index.ts'
import type { Observed } from '../observed/observed.ts'
import { imageKey, imageMountReference, imageReference } from '../project/names.ts'
import type { ServiceSet } from '../project/service-set.ts'
import { compareText } from '../spec/canonical.ts'

/** `--pull` of `up`, `create`; absent = what each service says. */
export type PullPolicy = 'always' | 'missing' | 'never' | 'build'

/** A service with a `build`. */
export interface BuiltService {
  readonly name: string
  readonly service: Service
}

/**
 * An image that the plan needs, once, whoever uses it and by whichever of its names. What is done for it follows from
 * all of its users together, so that their order and their names decide nothing.
 */
export interface WantedImage {
  /** The name for operations: what the file builds it as, else the first of the users' names. */
  readonly reference: string
  readonly isLocal: boolean
  /** The service that builds it, selected or not. */
  readonly builder: BuiltService | undefined
  /** What its users say, the command line's word over all of theirs. */
  readonly policies: ReadonlySet<string>
  readonly platform: string | undefined
}

/** What decides which images a command needs. */
export interface ImageContext {
  readonly project: Project
  readonly observed: Observed
  readonly set: ServiceSet
  readonly options: { readonly pull?: PullPolicy }
}

interface Use {
  readonly reference: string
  readonly policy: string
  readonly platform: string | undefined
}

/** Every image of the selected services, of their `image` mounts and `pre_start` steps, by `imageKey`. */
export function wantedImages(context: ImageContext): ReadonlyMap<string, WantedImage> {
  const uses = new Map<string, Use[]>()
  for (const { name, service } of context.set.services) {
    if (service.provider !== undefined) continue
    for (const use of usesOf(context, name, service)) {
      const key = imageKey(use.reference)
      uses.set(key, [...(uses.get(key) ?? []), use])
    }
  }
  const keys = [...uses.keys()].sort(compareText)
  return new Map(keys.map(key => [key, wantedImage(context, key, uses.get(key) ?? [])]))
}

/** Images of `image` mounts and `pre_start` steps. */
export function furtherReferences(project: Project, service: Service): string[] {
  return [
    ...(service.volumes ?? [])
      .filter(mount => mount.type === 'image' && mount.source !== undefined)
      .map(mount => imageMountReference(project, mount.source ?? '')),
    ...(service.pre_start ?? []).flatMap(hook => (hook.image === undefined ? [] : [hook.image])),
  ]
}

/** The service of the file whose `build` makes the image; of several, the first by name. */
export function builderOf(project: Project, reference: string): BuiltService | undefined {
  return buildersOf(project, reference)[0]
}

/** All services of the file whose `build` makes the image, by name in order. */
export function buildersOf(project: Project, reference: string): readonly BuiltService[] {
  const known = buildersByKey.get(project) ?? indexBuilders(project)
  buildersByKey.set(project, known)
  return known.get(imageKey(reference)) ?? []
}

/** A project never changes: it is gone through once, not for each of its images. */
const buildersByKey = new WeakMap<Project, ReadonlyMap<string, readonly BuiltService[]>>()

function indexBuilders(project: Project): ReadonlyMap<string, readonly BuiltService[]> {
  const index = new Map<string, BuiltService[]>()
  const services = { ...project.disabledServices, ...project.model.services }
  for (const name of Object.keys(services).sort(compareText)) {
    const service = services[name]
    if (service?.build === undefined || service.provider !== undefined) continue
    if (project.model.services[name] !== service && !isActive(project, service)) continue
    const key = imageKey(imageReference(project.name, name, service))
    const found = index.get(key)
    if (found === undefined) index.set(key, [{ name, service }])
    else found.push({ name, service })
  }
  return index
}

/** True for a service that is merely not selected: what a profile switches off is not the file's way to the image. */
function isActive({ profiles }: Project, service: Service): boolean {
  const own = service.profiles ?? []
  return own.length === 0 || profiles.includes('*') || own.some(profile => profiles.includes(profile))
}

function usesOf({ project, options }: ImageContext, name: string, service: Service): Use[] {
  const { platform } = service
  const own = options.pull ?? service.pull_policy ?? 'missing'
  // What is not built has nothing to build: it is not pulled either (as with Docker Compose).
  const policy = service.build === undefined && options.pull === undefined && own === 'build' ? 'never' : own
  return [
    { reference: imageReference(project.name, name, service), policy, platform },
    ...furtherReferences(project, service).map(reference => ({ reference, policy: 'missing', platform })),
  ]
}

function wantedImage({ project, observed }: ImageContext, key: string, uses: readonly Use[]): WantedImage {
  const references = uses.map(({ reference }) => reference).sort(compareText)
  const builder = builderOf(project, key)
  const platforms = uses.flatMap(({ platform }) => (platform === undefined ? [] : [platform]))
  return {
    reference:
      builder === undefined
        ? (references[0] ?? key)
        : imageReference(project.name, builder.name, builder.service),
    isLocal: references.some(reference => observed.images[reference] !== undefined),
    builder,
    policies: new Set(uses.map(({ policy }) => policy)),
    platform: platforms.sort(compareText)[0],
  }
}
