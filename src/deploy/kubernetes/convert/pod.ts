import type { PreStartHook } from '../../../model/index.ts'
import type { Texts } from '../objects/metadata.ts'
import type { Container, Pod } from '../objects/pod.ts'
import type { MountMaker } from './binds.ts'
import { containerOf, environmentOf } from './container.ts'
import {
  annotationsOf,
  type Context,
  compact,
  nameOf,
  podSelector,
  projectLabels,
  type Subject,
} from './context.ts'
import { namingOf } from './dns.ts'
import type { PodGroup } from './groups.ts'
import { imageOf } from './image.ts'
import { freeName, nameFor } from './names.ts'
import { networkLabels } from './networks.ts'
import { wholeSeconds } from './quantities.ts'
import { escapeReferences } from './references.ts'
import { schedulingOf } from './scheduling.ts'
import { containerSecurity, podSecurity } from './security.ts'
import { Mounts } from './volumes.ts'
import { ACCESS, accountName, type Waits, withAccess } from './waits.ts'

/** A pod as a template: labels by which it is known, and its `spec`. */
export interface PodTemplate {
  readonly metadata: { readonly labels: Texts; readonly annotations?: Texts }
  readonly spec: Pod
}

/** What a pod is made with, beside its group. */
export interface PodParts {
  readonly maker: MountMaker
  readonly waits: Waits
  readonly restartPolicy?: Pod['restartPolicy']
}

/** The pod of a group. */
export function podOf(
  context: Context,
  group: PodGroup,
  { maker, waits, restartPolicy }: PodParts,
): PodTemplate {
  const mounts = new Mounts(group, maker)
  const { owner, members } = group
  const isServer = maker.kind !== 'Job'
  const hasClaims = mounts.volumes.some(({ persistentVolumeClaim }) => persistentVolumeClaim !== undefined)
  const initContainers = initContainersOf(context, group, waits, mounts)
  const template: Pod = compact({
    // Containers of Compose know nothing of where they run: neither by a token nor by variables.
    automountServiceAccountToken: owner.service['x-tscompose-kubernetes']?.service_account !== undefined,
    enableServiceLinks: false,
    serviceAccountName:
      owner.service['x-tscompose-kubernetes']?.service_account ??
      (waits.asks ? accountName(context) : undefined),
    restartPolicy,
    terminationGracePeriodSeconds: graceOf(members),
    ...namespacesOf(group),
    ...namingOf(group),
    imagePullSecrets: owner.service['x-tscompose-kubernetes']?.image_pull_secrets?.map(name => ({ name })),
    ...schedulingOf(owner),
    securityContext: podSecurity(group, hasClaims),
    initContainers,
    containers: members.map(member => containerOf(member, mounts, isServer)),
    volumes: mounts.volumes,
  })
  const labels = {
    ...projectLabels(context),
    ...podSelector(context, owner.name),
    ...networkLabels(context, group),
  }
  return { metadata: compact({ labels, annotations: annotations(group, mounts.digest) }), spec: template }
}

function annotations({ members }: PodGroup, digest: string | undefined): Texts {
  const own = members.flatMap(member => [
    annotationsOf(member, ['labels'], member.service.labels),
    annotationsOf(member, ['annotations'], member.service.annotations),
    annotationsOf(
      member,
      ['x-tscompose-kubernetes', 'annotations'],
      member.service['x-tscompose-kubernetes']?.annotations,
    ),
  ])
  return Object.assign({}, ...own, digest === undefined ? {} : { 'tscompose/contents': digest }) as Texts
}

/** The longest time that a container of the pod wants for its end. */
function graceOf(members: readonly Subject[]): number | undefined {
  const graces = members.flatMap(({ service }) =>
    service.stop_grace_period === undefined ? [] : [wholeSeconds(service.stop_grace_period)],
  )
  return graces.length === 0 ? undefined : Math.max(...graces)
}

function namespacesOf({
  owner,
  members,
}: PodGroup): Pick<
  Pod,
  'hostNetwork' | 'hostPID' | 'hostIPC' | 'shareProcessNamespace' | 'runtimeClassName'
> {
  const { service, context, path, name } = owner
  const sharesProcesses = members.some(member => /^service:/.test(member.service.pid ?? ''))
  const wantsInit = members.length === 1 && service.init === true && service.pid !== 'host'
  if (wantsInit)
    context.notes.choose(
      [...path, 'init'],
      `Pod ${name}`,
      "the pod's own first process reaps what is left: containers share its process namespace",
    )
  const { runtime } = service
  return compact({
    hostNetwork: service.network_mode === 'host' ? true : undefined,
    hostPID: service.pid === 'host' ? true : undefined,
    hostIPC: service.ipc === 'host' ? true : undefined,
    shareProcessNamespace: sharesProcesses || wantsInit ? true : undefined,
    runtimeClassName: runtime === undefined || runtime === 'runc' ? undefined : nameFor(runtime),
  })
}

/** What runs before the services of a pod: all in it have names of their own, and those of services are theirs. */
function initContainersOf(
  context: Context,
  { members }: PodGroup,
  waits: Waits,
  mounts: Mounts,
): readonly Container[] {
  const access = waits.asks ? mounts.addOwn(ACCESS) : ACCESS.name
  const taken = new Set(members.map(({ name }) => nameOf(context, name)))
  return [
    ...waits.containers.map(each => withAccess(each, access)),
    ...members.flatMap(member => preStartOf(member, mounts)),
  ].map(each => {
    const name = freeName(each.name, taken)
    taken.add(name)
    return { ...each, name }
  })
}

/** `pre_start` as init containers: they run before each start of the pod, and once for each replica. */
function preStartOf(subject: Subject, mounts: Mounts): Container[] {
  const { context, service, path, name } = subject
  const { replicas = 1 } = service.deploy ?? {}
  return (service.pre_start ?? []).map((hook, index) => {
    const at = [...path, 'pre_start', index]
    if (hook.per_replica !== true && (service.scale ?? replicas) > 1)
      context.notes.warn(
        'KUBERNETES_DEPENDENCY',
        at,
        'an init container runs for each replica, and not once for all of them',
      )
    return hookContainer(
      subject,
      hook,
      mounts,
      nameFor(`${nameOf(context, name)}-pre-start-${index + 1}`),
      index,
    )
  })
}

function hookContainer(
  subject: Subject,
  hook: PreStartHook,
  mounts: Mounts,
  name: string,
  index: number,
): Container {
  const { service } = subject
  const asUser = hook.user === undefined ? subject : { ...subject, service: { ...service, user: hook.user } }
  const privileged = hook.privileged === true ? { privileged: true } : {}
  const own = environmentOf(subject, hook.environment ?? {}, ['pre_start', index, 'environment'])
  const taken = new Set(own.map(each => each.name))
  const inherited = environmentOf(subject, service.environment ?? {}, ['environment'])
  return compact({
    name,
    image: hook.image ?? imageOf(subject),
    args: hook.command?.map(escapeReferences),
    workingDir: hook.working_dir ?? service.working_dir,
    env: [...inherited.filter(each => !taken.has(each.name)), ...own],
    securityContext: { ...containerSecurity(asUser), ...privileged },
    volumeMounts: mounts.mountsOf(subject.name),
  })
}
