import { failure } from '../../diagnostics/index.ts'
import type { Project, Service } from '../../model/index.ts'
import { imageLabels } from '../labels.ts'
import { imageReference } from '../names.ts'
import type { PlanBuilder } from '../plan-builder.ts'

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
}

/**
 * Plans the build of a service's image and, before it, of those that it takes as `additional_contexts: service:X`, also
 * where X is not selected. Two services with one image name are built one after the other, so that the last one wins
 * always and not by chance.
 */
export function addBuild(
  context: BuildContext,
  selected: { readonly name: string; readonly service: Service },
  request: BuildRequest,
): string {
  const { name, service } = selected
  const { project, builder } = context
  const reference = imageReference(project.name, name, service)
  const id = `image:${reference}:build`
  if (builder.has(id)) return id
  const { build } = service
  if (build === undefined)
    throw failure({
      kind: 'invalidArgument',
      code: 'SERVICE_NOT_BUILDABLE',
      summary: `service "${name}" has no "build"`,
    })
  const sources = Object.values(build.additional_contexts ?? {}).filter(source =>
    source.startsWith('service:'),
  )
  const after = sources.map(source => buildSource(context, name, source.slice('service:'.length), request))
  return builder.add({
    type: 'buildImage',
    id,
    after: [...after, ...(request.unlessPulledBy === undefined ? [] : [request.unlessPulledBy])],
    resource: { kind: 'image', name: reference },
    action: 'build',
    cause: request.cause,
    changes: [],
    serviceName: name,
    build,
    reference,
    tags: build.tags ?? [],
    labels: imageLabels(project.name, name, build.labels),
    ...(service.platform === undefined ? {} : { platform: service.platform }),
    noCache: request.noCache ?? build.no_cache ?? false,
    pull: request.pull ?? build.pull ?? false,
    args: request.args ?? {},
    ...(request.unlessPulledBy === undefined ? {} : { unlessPulledBy: request.unlessPulledBy }),
  })
}

function buildSource(context: BuildContext, of: string, name: string, request: BuildRequest): string {
  const { model, disabledServices } = context.project
  const service = model.services[name] ?? disabledServices[name]
  if (service?.build === undefined)
    throw failure({
      kind: 'invalidArgument',
      code: 'BUILD_CONTEXT_NOT_BUILDABLE',
      summary: `service "${of}" builds from service "${name}", which ${service === undefined ? 'does not exist' : 'has no "build"'}`,
    })
  const { unlessPulledBy: _pull, ...rest } = request
  return addBuild(context, { name, service }, { ...rest, cause: `service "${of}" builds from it` })
}
