import type { DependsOnCondition, Path } from '../../../model/index.ts'
import type { Container, ContainerSecurity, PodVolume } from '../objects/pod.ts'
import { type Context, nameOf, type Subject, subjectOf } from './context.ts'
import type { PodGroup } from './groups.ts'
import type { WorkloadKind } from './kind.ts'
import { nameFor } from './names.ts'
import { listeningPorts } from './ports.ts'
import { isProbed } from './probes.ts'

const DIAL_IMAGE = 'docker.io/library/busybox:1.37'
const ASK_IMAGE = 'registry.k8s.io/kubectl:v1.33.4'

/** Where a container finds what it needs to speak with the API server. */
const ACCESS_PATH = '/var/run/secrets/kubernetes.io/serviceaccount'
const ACCESS_VOLUME = 'api-access'

/** Pods that others wait for, by service. */
export type Pods = ReadonlyMap<string, { readonly group: PodGroup; readonly kind: WorkloadKind }>

/** What a pod waits for before its own containers start. */
export interface Waits {
  readonly containers: readonly Container[]
  /** Whether one of them asks the API server: the pod needs an account that may. */
  readonly asks: boolean
}

/** Init containers for conditions of `depends_on`: started ones need none, since Kubernetes starts all at once. */
export function waitsOf(context: Context, group: PodGroup, pods: Pods): Waits {
  const found = new Map<string, Container>()
  let asks = false
  for (const member of group.members) {
    for (const [dependency, { condition }] of Object.entries(member.service.depends_on ?? {})) {
      const path = [...member.path, 'depends_on', dependency]
      const wait = waitFor({ context, group, member, dependency, condition, path }, pods)
      if (wait === undefined) continue
      found.set(wait.name, wait)
      asks ||= wait.volumeMounts !== undefined
    }
  }
  if (asks && isShut(context, group))
    context.notes.warn(
      'KUBERNETES_DEPENDENCY',
      [...group.owner.path, 'depends_on'],
      'it waits by asking the API server, which a pod on internal networks does not reach where policies are enforced',
      'let it be on a network that is not internal as well, or set network_policies: false',
    )
  return { containers: [...found.values()], asks }
}

interface Edge {
  readonly context: Context
  readonly group: PodGroup
  readonly member: Subject
  readonly dependency: string
  readonly condition: DependsOnCondition
  readonly path: Path
}

function waitFor(edge: Edge, pods: Pods): Container | undefined {
  const { context, group, dependency, condition, path } = edge
  const { notes } = context
  const target = pods.get(dependency)
  const subject = subjectOf(context, dependency)
  if (target === undefined || subject === undefined) return undefined
  const pod = `Pod ${nameOf(context, group.owner.name)}`
  if (target.group.owner.name === group.owner.name) {
    notes.choose(path, pod, `${dependency} is in the same pod: its containers start together`)
    return undefined
  }
  if (condition === 'service_completed_successfully') {
    if (target.kind !== 'Job') {
      notes.warn(
        'KUBERNETES_DEPENDENCY',
        path,
        `${dependency} is in a ${target.kind}, which does not end: nothing waits for it`,
        'say x-tscompose-kubernetes: {kind: job} of what runs to its end',
      )
      return undefined
    }
    notes.choose(
      path,
      pod,
      `an init container waits for the end of Job ${nameOf(context, target.group.owner.name)}`,
    )
    return asking(edge, ['wait', '--for=condition=complete', '--timeout=-1s', resourceOf(context, target)])
  }
  if (condition === 'service_healthy') warnOfUnprobed(context, subject, target.kind, path)
  if (condition === 'service_started' || target.kind === 'Job') {
    notes.choose(path, pod, 'Kubernetes starts all at once: a program that cannot wait is started again')
    return undefined
  }
  const port = listeningPorts(subject).find(({ protocol }) => protocol === 'TCP')?.port
  if (port !== undefined && sharesNetwork(edge, subject)) {
    notes.choose(
      path,
      pod,
      `an init container waits until ${dependency} is ready and takes connections at port ${port}`,
    )
    return dialing(edge, port)
  }
  notes.choose(path, pod, `an init container waits until ${dependency} is ready`)
  return asking(edge, ['rollout', 'status', '--timeout=0s', resourceOf(context, target)])
}

/** Ready is what runs, where nothing asks it: the image's own health check means nothing to Kubernetes. */
function warnOfUnprobed({ notes }: Context, subject: Subject, kind: WorkloadKind, path: Path): void {
  if (kind === 'Job')
    notes.warn(
      'KUBERNETES_DEPENDENCY',
      path,
      `${subject.name} is a Job, whose health nobody asks: nothing waits for it`,
      'wait for its end: condition: service_completed_successfully',
    )
  else if (!isProbed(subject))
    notes.warn(
      'KUBERNETES_DEPENDENCY',
      path,
      `${subject.name} has no health check that Kubernetes knows: the wait is over as soon as its pod runs`,
      'write a healthcheck into the file: one that its image has is not known in a cluster',
    )
}

function resourceOf(
  context: Context,
  { group, kind }: { readonly group: PodGroup; readonly kind: WorkloadKind },
): string {
  return `${kind.toLowerCase()}/${nameOf(context, group.owner.name)}`
}

function sharesNetwork({ member }: Edge, { service }: Subject): boolean {
  const others = Object.keys(service.networks ?? {})
  return Object.keys(member.service.networks ?? {}).some(network => others.includes(network))
}

function isShut({ project }: Context, { members }: PodGroup): boolean {
  const networks = members.flatMap(({ service }) => Object.keys(service.networks ?? {}))
  return (
    networks.length > 0 && networks.every(network => project.model.networks?.[network]?.internal === true)
  )
}

const CONFINED: ContainerSecurity = {
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  runAsNonRoot: true,
  runAsUser: 65_534,
  runAsGroup: 65_534,
  capabilities: { drop: ['ALL'] },
}

/** Dials a port of a name, which leads to pods that are ready alone. */
function dialing({ context, dependency }: Edge, port: number): Container {
  const { wait_image: image = DIAL_IMAGE } = context.project.model['x-tscompose-kubernetes'] ?? {}
  const name = nameOf(context, dependency)
  return {
    name: nameFor(`wait-for-${name}`),
    image,
    command: ['/bin/sh', '-c', `until nc -z -w 2 ${name} ${port}; do sleep 1; done`],
    securityContext: CONFINED,
  }
}

/** Asks the API server, which takes a token that this container alone has. */
function asking({ context, dependency }: Edge, args: readonly string[]): Container {
  const { kubectl_image: image = ASK_IMAGE } = context.project.model['x-tscompose-kubernetes'] ?? {}
  return {
    name: nameFor(`wait-for-${nameOf(context, dependency)}`),
    image,
    args,
    securityContext: CONFINED,
    volumeMounts: [{ name: ACCESS_VOLUME, mountPath: ACCESS_PATH, readOnly: true }],
  }
}

/** The token, and who signed the server's certificate: in no other container of the pod. */
export const ACCESS: PodVolume = {
  name: ACCESS_VOLUME,
  projected: {
    sources: [
      { serviceAccountToken: { path: 'token', expirationSeconds: 3600 } },
      { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
      { downwardAPI: { items: [{ path: 'namespace', fieldRef: { fieldPath: 'metadata.namespace' } }] } },
    ],
  },
}

/** A container that asks, in a pod where what it takes for it is a volume of this name. */
export function withAccess(container: Container, volume: string): Container {
  if (container.volumeMounts === undefined) return container
  return { ...container, volumeMounts: container.volumeMounts.map(mount => ({ ...mount, name: volume })) }
}

/** The account of pods that ask, unless their service has one. */
export function accountName({ project }: Context): string {
  return nameFor(`${project.name}-waits`)
}
