import type { ContainerSecurity, PodSecurity } from '../objects/pod.ts'
import { compact, type Subject } from './context.ts'
import type { PodGroup } from './groups.ts'

/** Sysctls that kubelets allow without being told to. */
const SAFE_SYSCTLS = new Set([
  'kernel.shm_rmid_forced',
  'net.ipv4.ip_local_port_range',
  'net.ipv4.ip_local_reserved_ports',
  'net.ipv4.ip_unprivileged_port_start',
  'net.ipv4.ping_group_range',
  'net.ipv4.tcp_fin_timeout',
  'net.ipv4.tcp_keepalive_intvl',
  'net.ipv4.tcp_keepalive_probes',
  'net.ipv4.tcp_keepalive_time',
  'net.ipv4.tcp_rmem',
  'net.ipv4.tcp_syncookies',
  'net.ipv4.tcp_wmem',
])

const UNPRIVILEGED_PORTS = 'net.ipv4.ip_unprivileged_port_start'

/** What the container may do. Kubernetes' defaults are Docker's but for the seccomp profile, which the pod has. */
export function containerSecurity(subject: Subject): ContainerSecurity {
  const { service } = subject
  const options = securityOptions(subject)
  const isPrivileged = service.privileged === true
  return compact({
    privileged: service.privileged,
    // A privileged container may always gain privileges: Kubernetes refuses both together.
    allowPrivilegeEscalation: options.noNewPrivileges && !isPrivileged ? false : undefined,
    readOnlyRootFilesystem: service.read_only,
    ...userOf(subject),
    capabilities: compact({
      add: service.cap_add?.map(capability),
      drop: service.cap_drop?.map(capability),
    }),
    seccompProfile: options.unconfined ? { type: 'Unconfined' as const } : undefined,
    seLinuxOptions: options.labels,
  })
}

/** `NET_ADMIN`: Compose takes it with CAP_ and in small letters as well. */
function capability(name: string): string {
  return name.toUpperCase().replace(/^CAP_/, '')
}

/** User and group as numbers: only the image knows what its names mean. */
function userOf({ context, service, path }: Subject): Pick<ContainerSecurity, 'runAsUser' | 'runAsGroup'> {
  const [user, group] = (service.user ?? '').split(':')
  const ids = { runAsUser: numberOf(user), runAsGroup: numberOf(group) }
  for (const [text, id] of [
    [user, ids.runAsUser],
    [group, ids.runAsGroup],
  ] as const) {
    if (text === undefined || text === '' || id !== undefined) continue
    context.notes.warn(
      'KUBERNETES_USER',
      [...path, 'user'],
      `Kubernetes takes numbers of users and groups alone, and not "${text}"`,
      'write user: UID:GID',
    )
  }
  return compact(ids)
}

function numberOf(text: string | undefined): number | undefined {
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined
}

interface Options {
  readonly noNewPrivileges: boolean
  readonly unconfined: boolean
  readonly labels: Readonly<Record<string, string>>
}

function securityOptions({ context, service, path }: Subject): Options {
  const labels: Record<string, string> = {}
  let [noNewPrivileges, unconfined] = [false, false]
  for (const [index, text] of (service.security_opt ?? []).entries()) {
    const [, name = text, value = ''] = /^([^:=]+)[:=](.*)$/.exec(text) ?? []
    const [, label, given = ''] = /^(user|role|type|level)[:=](.*)$/.exec(value) ?? []
    if (name === 'no-new-privileges') noNewPrivileges = value !== 'false'
    else if (name === 'seccomp' && value === 'unconfined') unconfined = true
    else if (name === 'label' && label !== undefined) labels[label] = given
    else
      context.notes.warn(
        'KUBERNETES_ATTRIBUTE',
        [...path, 'security_opt', index],
        `"${name}" with a profile of this machine has no counterpart in Kubernetes`,
      )
  }
  return { noNewPrivileges, unconfined, labels }
}

/** What all containers of the pod have: Docker's seccomp profile, which Kubernetes has to be asked for, groups and sysctls. */
export function podSecurity({ owner, members }: PodGroup, hasVolumes: boolean): PodSecurity {
  const groups = members.flatMap(member => groupsOfProcess(member))
  const sysctls = Object.assign({}, ...members.map(sysctlsOf)) as Readonly<Record<string, string>>
  const owners = members.map(member => userOf(member))
  const fsGroup = hasVolumes
    ? owners.flatMap(({ runAsUser, runAsGroup }) => runAsGroup ?? runAsUser ?? [])[0]
    : undefined
  const path = owner.path
  const { notes } = owner.context
  notes.choose(path, `Pod ${owner.name}`, 'seccomp profile RuntimeDefault is what containers have in Compose')
  if (fsGroup !== undefined && fsGroup > 0)
    notes.choose(
      [...path, 'user'],
      `Pod ${owner.name}`,
      `volumes are made writable for group ${fsGroup}: they are root's at first`,
    )
  return compact({
    seccompProfile: { type: 'RuntimeDefault' as const },
    supplementalGroups: [...new Set(groups)],
    fsGroup: fsGroup === 0 ? undefined : fsGroup,
    fsGroupChangePolicy: fsGroup === undefined || fsGroup === 0 ? undefined : ('OnRootMismatch' as const),
    sysctls: Object.entries(sysctls).map(([name, value]) => ({ name, value })),
  })
}

function groupsOfProcess({ context, service, path }: Subject): number[] {
  return (service.group_add ?? []).flatMap((text, index) => {
    const id = numberOf(text)
    if (id !== undefined) return [id]
    context.notes.warn(
      'KUBERNETES_USER',
      [...path, 'group_add', index],
      `Kubernetes takes numbers of groups alone, and not "${text}"`,
    )
    return []
  })
}

function sysctlsOf(subject: Subject): Readonly<Record<string, string>> {
  const { context, service, path } = subject
  const given = service.sysctls ?? {}
  for (const name of Object.keys(given)) {
    if (SAFE_SYSCTLS.has(name)) continue
    context.notes.warn(
      'KUBERNETES_ATTRIBUTE',
      [...path, 'sysctls', name],
      `nodes refuse pods with the sysctl ${name} unless their kubelets allow it`,
      `start kubelets with --allowed-unsafe-sysctls=${name}`,
    )
  }
  if (!needsLowPorts(subject) || given[UNPRIVILEGED_PORTS] !== undefined) return given
  context.notes.choose(
    [...path, 'user'],
    `Pod ${subject.name}`,
    `${UNPRIVILEGED_PORTS} is 0: in Compose any user may listen on ports below 1024`,
  )
  return { ...given, [UNPRIVILEGED_PORTS]: '0' }
}

/** Whether somebody who is not root listens on a port below 1024. */
function needsLowPorts(subject: Subject): boolean {
  const { runAsUser = 0 } = userOf(subject)
  const { ports = [], expose = [], network_mode: mode } = subject.service
  const targets = [...ports.map(({ target }) => target), ...expose.map(text => Number.parseInt(text, 10))]
  return runAsUser > 0 && mode !== 'host' && targets.some(port => port < 1024)
}
