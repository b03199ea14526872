import { failure } from '../../diagnostics/index.ts'
import type { Build, Project, Service } from '../../model/index.ts'
import type { PlanBuilder } from '../plan/plan-builder.ts'
import { imageLabels } from '../project/labels.ts'
import { imageReference } from '../project/names.ts'
import { canonical } from '../spec/canonical.ts'
import { type BuiltService, builderOf, buildersOf } from './wanted-images.ts'

/** What a build needs to know of the command. */
export interface BuildContext {
  readonly project: Project
  readonly builder: PlanBuilder
}

export interface BuildRequest {
  readonly cause: string
  /** Id of a pull that makes the build unneeded when it succeeds. */
  readonly unlessPulledBy?: string
  readonly noCache?: boolean
  readonly pull?: boolean
  readonly args?: Readonly<Record<string, string | null>>
  /** What the command says over the file. */
  readonly overrides?: BuildOverrides
  readonly memory?: number
  readonly check?: boolean
  /** The build is for all that `build.platforms` says, not for what runs here. */
  readonly allPlatforms?: boolean
}

/** Attributes of `build` that the command line has, too. */
export type BuildOverrides = Partial<Pick<Build, 'ssh' | 'provenance' | 'sbom' | 'platforms'>>

/** Plans the build of a service's image; one that several services build is built once, as the first of them by name says. */
export function addBuild(context: BuildContext, selected: BuiltService, request: BuildRequest): string {
  const { project, builder } = context
  const own = imageReference(project.name, selected.name, selected.service)
  const { name, service } = builderOf(project, own) ?? selected
  const { build } = service
  if (build === undefined) throw notBuildable(name)
  const reference = imageReference(project.name, name, service)
  const id = `image:${reference}:build`
  if (builder.has(id)) return id
  warnOfOtherBuilds(context, reference)
  return builder.add({
    type: 'buildImage',
    id,
    after: request.unlessPulledBy === undefined ? [] : [request.unlessPulledBy],
    resource: { kind: 'image', name: reference },
    action: 'build',
    cause: request.cause,
    changes: [],
    serviceName: name,
    build: { ...build, ...request.overrides },
    reference,
    tags: build.tags ?? [],
    labels: imageLabels(project.name, name, build.labels),
    ...(service.platform === undefined ? {} : { platform: service.platform }),
    noCache: request.noCache ?? build.no_cache ?? false,
    pull: request.pull ?? build.pull ?? false,
    args: request.args ?? {},
    ...(request.memory === undefined ? {} : { memory: request.memory }),
    ...(request.check === true ? { check: true } : {}),
    ...(request.allPlatforms === true ? { allPlatforms: true } : {}),
    ...(request.unlessPulledBy === undefined ? {} : { unlessPulledBy: request.unlessPulledBy }),
  })
}

/** What is asked of builds that nobody asked for by themselves. */
export type SourceRequest = Omit<BuildRequest, 'cause' | 'unlessPulledBy'>

/**
 * Once all builds are planned that are wanted for themselves: plans those of the services that they take as
 * `additional_contexts: service:X`, also where X is not selected, and brings all into their order.
 */
export function finishBuilds(context: BuildContext, request: SourceRequest = {}): void {
  const { project, builder } = context
  const services = { ...project.disabledServices, ...project.model.services }
  const waiting = Object.keys(services).filter(name => builder.has(buildId(project, name)))
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop())
    for (const source of contextServices(services[name]?.build ?? {})) {
      const isPlanned = builder.has(buildId(project, source))
      takeAsContext(context, { of: name, name: source }, request)
      if (!isPlanned) waiting.push(source)
    }
  orderBuilds(context)
}

/**
 * Lets builds wait for those of what their service depends on, where that has an image name of its own: a `FROM` may
 * speak of it (as with Docker Compose). Builds of which none waits go side by side.
 */
function orderBuilds({ project, builder }: BuildContext): void {
  const services = project.model.services
  // Without them nothing but what a service depends on orders builds: then there is no circle, and who waits for one waits for all behind it.
  const hasSources = Object.values(services).some(({ build }) => contextServices(build ?? {}).length > 0)
  for (const [name, service] of Object.entries(services).sort()) {
    const id = buildId(project, name)
    if (service.build === undefined || !builder.has(id)) continue
    const others: string[] = []
    const isAwaited = (upstream: string): boolean => {
      const other = buildId(project, upstream)
      if (services[upstream]?.image === undefined || other === id || !builder.has(other)) return false
      others.push(other)
      return !hasSources
    }
    searchUpstream(services, name, isAwaited)
    for (const other of others.sort())
      if (!hasSources || !builder.comesAfter(other, id)) builder.addAfter(id, [other])
  }
}

/** Goes through what a service depends on, at whatever remove, but not behind those of which `isEnough`. */
function searchUpstream(
  services: Readonly<Record<string, Service>>,
  start: string,
  isEnough: (name: string) => boolean,
): void {
  const found = new Set([start])
  // A set gives what is added while it is walked, too.
  for (const name of found)
    if (name === start || !isEnough(name))
      for (const next of Object.keys(services[name]?.depends_on ?? {}))
        if (services[next] !== undefined) found.add(next)
}

function buildId(project: Project, name: string): string {
  const service = project.model.services[name] ?? project.disabledServices[name]
  const reference = service === undefined ? name : imageReference(project.name, name, service)
  const first = builderOf(project, reference)
  return `image:${first === undefined ? reference : imageReference(project.name, first.name, first.service)}:build`
}

/** One name for two different images: which one it is would be chance, so the first is built and the others are told. */
function warnOfOtherBuilds({ project, builder }: BuildContext, reference: string): void {
  const [first, ...others] = buildersOf(project, reference)
  if (first === undefined) return
  const text = (build: Build | undefined): string => JSON.stringify(canonical(build ?? {}))
  const different = others.filter(({ service }) => text(service.build) !== text(first.service.build))
  if (different.length === 0) return
  const names = different.map(({ name }) => `"${name}"`).join(', ')
  builder.warn(
    'IMAGE_BUILT_DIFFERENTLY',
    `image "${reference}" is built as service "${first.name}" says, not as ${names}, which has the same image name`,
    'give each build an image name of its own',
  )
}

/** Services that the build takes as contexts. */
function contextServices(build: Build): string[] {
  const prefix = 'service:'
  return Object.values(build.additional_contexts ?? {})
    .filter(source => source.startsWith(prefix))
    .map(source => source.slice(prefix.length))
    .sort()
}

function takeAsContext(
  context: BuildContext,
  { of, name }: { readonly of: string; readonly name: string },
  request: SourceRequest,
): void {
  const { project, builder } = context
  const service = project.model.services[name] ?? project.disabledServices[name]
  if (service?.build === undefined)
    throw failure({
      kind: 'invalidArgument',
      code: 'BUILD_CONTEXT_NOT_BUILDABLE',
      summary: `service "${of}" builds from service "${name}", which ${service === undefined ? 'does not exist' : 'has no "build"'}`,
    })
  const source = addBuild(context, { name, service }, { ...request, cause: 'another image is built from it' })
  const id = buildId(project, of)
  if (!builder.comesAfter(source, id)) builder.addAfter(id, [source])
  else
    throw failure({
      kind: 'invalidArgument',
      code: 'BUILD_CONTEXT_CYCLE',
      summary: `services "${of}" and "${name}" build from each other`,
      hint: 'take one of them out of "additional_contexts"',
    })
}

function notBuildable(name: string): Error {
  return failure({
    kind: 'invalidArgument',
    code: 'SERVICE_NOT_BUILDABLE',
    summary: `service "${name}" has no "build"`,
  })
}
