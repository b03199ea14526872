import type { Diagnostic } from '../../../diagnostics/index.ts'
import type { Project } from '../../../model/index.ts'
import type { KubernetesObject, Namespace } from '../objects/objects.ts'
import { accessOf } from './access.ts'
import { warnOfLost } from './attributes.ts'
import { claimNames, claimsOf } from './claims.ts'
import { Contents } from './contents.ts'
import { type Context, type ConvertOptions, contextOf, projectLabels, subjectOf } from './context.ts'
import { groupsOf, type PodGroup } from './groups.ts'
import { kindOf } from './kind.ts'
import { policiesOf } from './networks.ts'
import type { Choice } from './notes.ts'
import { podOf } from './pod.ts'
import { refuseValues } from './refuse-values.ts'
import { routesOf } from './routes.ts'
import { servicesOf } from './services.ts'
import { accountName, type Pods, waitsOf } from './waits.ts'
import { restartPolicyOf, workloadOf } from './workload.ts'

/** Objects that belong together: those of one service, or one kind of what services share. */
export interface Part {
  /** The service in the cluster, or `configs`, `secrets`, `volumes`, `networks`, `access`, `namespace`. */
  readonly name: string
  readonly isService: boolean
  readonly objects: readonly KubernetesObject[]
}

/** What a project becomes in a cluster, and what there is to say of it. */
export interface Conversion {
  readonly project: string
  readonly namespace: string
  /** In an order in which each object stands behind those that it names. */
  readonly parts: readonly Part[]
  readonly choices: readonly Choice[]
  /** What the cluster does not do as the file has it: warnings, each with its place. */
  readonly losses: readonly Diagnostic[]
  /** What no cluster takes: errors, with which the objects are of no use. */
  readonly refusals: readonly Diagnostic[]
}

/**
 * A project as objects of Kubernetes. Pure but for `read`, which gives it the files of this machine that configs, secrets and
 * binds name: equal input makes equal output, whatever was converted before.
 */
export function convert(project: Project, options: ConvertOptions, read: Context['read']): Conversion {
  const context = contextOf(project, options, read)
  refuseValues(context)
  const groups = groupsOf(context)
  const kinds = groups.map(group => ({ group, kind: kindOf(group) }))
  const pods: Pods = new Map(kinds.flatMap(pod => pod.group.members.map(({ name }) => [name, pod] as const)))
  const contents = new Contents(context)
  const claims = claimNames(context)
  const accounts: string[] = []
  const services = kinds.map(({ group, kind }): Part => {
    const { owner } = group
    for (const member of group.members) warnOfLost(member)
    const waits = waitsOf(context, group, pods)
    if (waits.asks)
      accounts.push(owner.service['x-tscompose-kubernetes']?.service_account ?? accountName(context))
    const maker = { contents, kind, claimOf: (volume: string) => claims.get(volume) ?? volume }
    const restartPolicy = restartPolicyOf(owner, kind)
    const template = podOf(context, group, {
      maker,
      waits,
      ...(restartPolicy === undefined ? {} : { restartPolicy }),
    })
    const workload = workloadOf(context, owner, kind, template)
    const name = workload.metadata.name
    return { name, isService: true, objects: [...servicesOf(group, kind), workload, ...routesOf(group)] }
  })
  warnOfPorts(context, groups)
  const shared: Part[] = [
    { name: 'namespace', isService: false, objects: namespaceOf(context) },
    { name: 'access', isService: false, objects: accessOf(context, accounts) },
    { name: 'networks', isService: false, objects: policiesOf(context, groups) },
    { name: 'configs', isService: false, objects: contents.configMaps },
    { name: 'secrets', isService: false, objects: contents.secrets },
    { name: 'volumes', isService: false, objects: claimsOf(context, kinds) },
  ]
  const { notes, options: given } = context
  return {
    project: project.name,
    namespace: given.namespace,
    parts: [...shared, ...services].filter(({ objects }) => objects.length > 0),
    choices: notes.choices,
    losses: notes.losses,
    refusals: notes.refusals,
  }
}

/** All objects, in order. */
export function objectsOf({ parts }: Conversion): KubernetesObject[] {
  return parts.flatMap(({ objects }) => objects)
}

function namespaceOf(context: Context): Namespace[] {
  const { namespace } = context.options
  context.notes.choose(
    ['name'],
    `Namespace ${namespace}`,
    'names of services are names in it: two projects may have the same ones',
  )
  if (namespace === 'default') return []
  return [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace, labels: projectLabels(context) } },
  ]
}

/** Containers of one pod have one network: what listens on a port twice cannot be in it. */
function warnOfPorts(context: Context, groups: readonly PodGroup[]): void {
  for (const { owner, members } of groups) {
    const seen = new Map<number, string>()
    for (const { name } of members) {
      for (const { target } of subjectOf(context, name)?.service.ports ?? []) {
        const other = seen.get(target)
        seen.set(target, name)
        if (other === undefined || other === name) continue
        context.notes.warn(
          'KUBERNETES_PORT',
          ['services', name, 'ports'],
          `${name} and ${other} are in the pod of ${owner.name}, and both listen on port ${target}`,
        )
      }
    }
  }
}
