import type { Service } from '../../../model/index.ts'
import { isNothing, valueAt } from '../../said.ts'
import type { Subject } from './context.ts'

/** Attributes of a service that parts of the conversion read. */
export const TRANSLATED: readonly (keyof Service)[] = [
  'annotations',
  'build',
  'cap_add',
  'cap_drop',
  'command',
  'configs',
  'container_name',
  'cpu_period',
  'cpu_quota',
  'cpus',
  'depends_on',
  'deploy',
  'dns',
  'dns_opt',
  'dns_search',
  'entrypoint',
  'environment',
  'expose',
  'extra_hosts',
  'gpus',
  'group_add',
  'healthcheck',
  'hostname',
  'image',
  'init',
  'labels',
  'links',
  'mem_limit',
  'mem_reservation',
  'network_mode',
  'networks',
  'platform',
  'ports',
  'post_start',
  'pre_start',
  'pre_stop',
  'privileged',
  'pull_policy',
  'read_only',
  'restart',
  'runtime',
  'scale',
  'secrets',
  'security_opt',
  'shm_size',
  'stdin_open',
  'stop_grace_period',
  'sysctls',
  'tmpfs',
  'tty',
  'user',
  'volumes',
  'volumes_from',
  'working_dir',
  'x-tscompose',
  'x-tscompose-kubernetes',
]

/** Those that are of no matter in a cluster: read by the loader, for development, or about this machine's own commands. */
export const BESIDE: readonly (keyof Service)[] = [
  'attach',
  'develop',
  'env_file',
  'extends',
  'label_file',
  'profiles',
  'pull_refresh_after',
]

const NODES = 'it is a matter of nodes there, and not of pods'

/** Those that Kubernetes has no word for, and why. */
export const LOST: Readonly<Partial<Record<keyof Service, string>>> = {
  blkio_config: 'it has no limits of block devices',
  cgroup: NODES,
  cgroup_parent: NODES,
  cpu_count: 'it belongs to Windows',
  cpu_percent: 'it belongs to Windows',
  cpu_rt_period: NODES,
  cpu_rt_runtime: NODES,
  cpu_shares: 'shares follow from requests there: deploy.resources.reservations',
  cpuset: NODES,
  credential_spec: 'it belongs to Windows',
  device_cgroup_rules: 'devices are given by device plugins there',
  devices: 'devices are given by device plugins there',
  domainname: 'a pod has the domain of its namespace',
  external_links: 'containers of other projects are not in the cluster',
  ipc: 'pods share memory with nobody but the node',
  isolation: 'it belongs to Windows',
  logging: NODES,
  mac_address: 'a cluster chooses the addresses of its pods',
  mem_swappiness: NODES,
  memswap_limit: NODES,
  models: 'it has no word for language models',
  oom_kill_disable: 'nobody is spared there',
  oom_score_adj: 'it follows from requests and limits there',
  pid: 'a process namespace is a pod’s own, or the node’s',
  pids_limit: NODES,
  provider: 'nobody provides it there',
  stop_signal: 'the image says which signal asks it to stop',
  storage_opt: NODES,
  ulimits: NODES,
  use_api_socket: 'there is no engine’s socket',
  userns_mode: NODES,
  uts: 'a pod has a name of its own',
}

/** Values with which an attribute that is listed above asks for nothing that Kubernetes does not do. */
const HARMLESS: Readonly<Partial<Record<keyof Service, RegExp>>> = {
  cgroup: /^private$/,
  ipc: /^(?:host|private|shareable|service:.*)$/,
  isolation: /^default$/,
  pid: /^(?:host|service:.*)$/,
  stop_signal: /^(?:SIG)?TERM$|^15$/i,
}

/** Attributes with parts of their own: which of these have no counterpart. */
const LOST_PARTS: readonly (readonly [path: readonly string[], reason: string])[] = [
  [['deploy', 'resources', 'limits', 'pids'], NODES],
  [['deploy', 'resources', 'reservations', 'generic_resources'], 'devices are given by device plugins there'],
  [['deploy', 'rollback_config'], 'a rollback is kubectl rollout undo, and goes as an update does'],
  [['deploy', 'restart_policy', 'delay'], 'kubelets wait longer after each end'],
  [['deploy', 'restart_policy', 'window'], 'kubelets wait longer after each end'],
  [['x-tscompose', 'bind_owner'], 'nodes have nothing of this machine'],
  [['x-tscompose', 'host_access'], 'nodes are reached as policies let them'],
]

/** Tells of all that a service asks for and does not get, with its line. */
export function warnOfLost({ context, service, path }: Subject): void {
  for (const [name, reason] of Object.entries(LOST)) {
    const { [name as keyof Service]: value } = service
    const { [name as keyof Service]: harmless } = HARMLESS
    if (isNothing(value) || (typeof value === 'string' && harmless?.test(value) === true)) continue
    context.notes.warn('KUBERNETES_ATTRIBUTE', [...path, name], `${name} is lost in Kubernetes: ${reason}`)
  }
  for (const [inner, reason] of LOST_PARTS) {
    if (isNothing(valueAt(service, inner))) continue
    context.notes.warn(
      'KUBERNETES_ATTRIBUTE',
      [...path, ...inner],
      `${inner.at(-1)} is lost in Kubernetes: ${reason}`,
    )
  }
}
