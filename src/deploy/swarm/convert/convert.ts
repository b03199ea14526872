import type { ServiceSpec, TaskSpec } from '../../../api/types/index.ts'
import { type Diagnostic, Failure } from '../../../diagnostics/index.ts'
import type { Project } from '../../../model/index.ts'
import { parseReference, spelledOut } from '../../../oci/reference.ts'
import { tellLost } from './attributes.ts'
import { containerOf } from './container.ts'
import { type Context, compact, nonEmpty, type Subject } from './context.ts'
import { type StackFile, stackFiles } from './files.ts'
import { Findings, type Place } from './findings.ts'
import { IMAGE_LABEL, nameProblem, scopedName, stackLabels } from './names.ts'
import { attachmentsOf, type StackNetwork, stackNetworks } from './networks.ts'
import { portsOf, tellTaken } from './ports.ts'
import { tellRefused } from './refused-values.ts'
import { modeOf, placementOf, resourcesOf, restartOf, updateOf } from './scheduling.ts'

/** A service as a manager is asked for it, but for ids and digests that only the swarm and registries know. */
export interface StackService {
  readonly key: string
  readonly name: string
  /** That of its image. */
  readonly place: Place
  /** As the file names it. */
  readonly image: string
  /** Whether the file says how the image is made. */
  readonly isBuilt: boolean
  readonly wanted: ServiceSpec
}

/** What a project becomes in a swarm, and what there is to say of it. */
export interface Stack {
  readonly name: string
  readonly networks: readonly StackNetwork[]
  readonly files: readonly StackFile[]
  readonly services: readonly StackService[]
  /** Errors: nothing can be deployed; warnings: what a swarm passes over. Each with its place. */
  readonly findings: readonly Diagnostic[]
}

/** A project as a stack. Pure but for `read`, which gives it the files that configs and secrets name. */
export function convert(project: Project, read: Context['read'], knowsStartInterval = true): Stack {
  const findings = new Findings(project)
  const context: Context = { project, stack: project.name, findings, read, knowsStartInterval }
  const services = Object.keys(project.model.services)
    .sort()
    .flatMap(name => serviceOf(context, name))
  tellTaken(context)
  return {
    name: project.name,
    networks: stackNetworks(context),
    files: [...stackFiles(context, 'configs'), ...stackFiles(context, 'secrets')],
    services,
    findings: findings.all,
  }
}

function serviceOf(context: Context, key: string): StackService[] {
  const service = context.project.model.services[key]
  if (service === undefined) return []
  const subject: Subject = { context, name: key, service, path: ['services', key] }
  const name = scopedName(context.stack, key)
  const problem = nameProblem('service', name)
  if (problem !== undefined) context.findings.error('SWARM_NAME', subject.path, problem)
  tellLost(subject)
  tellRefused(subject)
  const { image } = service
  const isBuilt = service.build !== undefined
  if (image === undefined) {
    context.findings.error(
      'SWARM_IMAGE',
      [...subject.path, isBuilt ? 'build' : 'image'],
      isBuilt
        ? `the image of "${key}" is built here, and nodes have nowhere to pull it from`
        : `"${key}" has no image`,
      'name it with image: REGISTRY/NAME:TAG',
    )
    return []
  }
  tellImage(subject, image)
  const place = context.findings.placeOf([...subject.path, 'image'])
  return [{ key, name, place, image, isBuilt, wanted: wantedOf(subject, name, image) }]
}

/** A manager refuses what no registry could have. */
function tellImage({ context: { findings }, path }: Subject, image: string): void {
  try {
    parseReference(image)
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    findings.error('SWARM_IMAGE', [...path, 'image'], error.message)
  }
}

function wantedOf(subject: Subject, name: string, image: string): ServiceSpec {
  const { context, service } = subject
  const { deploy = {} } = service
  return compact<ServiceSpec>({
    Name: name,
    Labels: { ...stackLabels(context.stack, deploy.labels), [IMAGE_LABEL]: image },
    TaskTemplate: compact<TaskSpec>({
      ContainerSpec: containerOf(subject, spelledOut(image)),
      Resources: resourcesOf(service),
      RestartPolicy: restartOf(service),
      Placement: placementOf(service),
      Networks: nonEmpty(attachmentsOf(subject)),
      LogDriver:
        service.logging === undefined
          ? undefined
          : compact({ Name: service.logging.driver, Options: service.logging.options }),
    }),
    Mode: modeOf(subject),
    UpdateConfig: updateOf(deploy.update_config),
    RollbackConfig: updateOf(deploy.rollback_config),
    EndpointSpec: compact({
      Mode: deploy.endpoint_mode?.toLowerCase(),
      Ports: nonEmpty(portsOf(subject)),
    }),
  })
}
