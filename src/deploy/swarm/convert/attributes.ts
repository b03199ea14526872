import type { Service } from '../../../model/index.ts'
import { isNothing, valueAt } from '../../said.ts'
import type { Subject } from './context.ts'

/** Attributes of a service that parts of the conversion read. */
export const TRANSLATED: readonly (keyof Service)[] = [
  'build',
  'cap_add',
  'cap_drop',
  'command',
  'configs',
  'cpus',
  'depends_on',
  'deploy',
  'dns',
  'dns_opt',
  'dns_search',
  'entrypoint',
  'environment',
  'extra_hosts',
  'group_add',
  'healthcheck',
  'hostname',
  'image',
  'init',
  'labels',
  'logging',
  'mem_limit',
  'mem_reservation',
  'network_mode',
  'networks',
  'oom_score_adj',
  'pids_limit',
  'platform',
  'ports',
  'read_only',
  'restart',
  'scale',
  'secrets',
  'stdin_open',
  'stop_grace_period',
  'stop_signal',
  'sysctls',
  'tmpfs',
  'tty',
  'ulimits',
  'user',
  'volumes',
  'working_dir',
]

/** Those that are of no matter there: read by the loader, for development, or said of other engines. */
export const BESIDE: readonly (keyof Service)[] = [
  'attach',
  'develop',
  'env_file',
  'expose',
  'extends',
  'label_file',
  'profiles',
  'pull_policy',
  'pull_refresh_after',
  'x-tscompose-kubernetes',
]

const NODE = 'tasks share nothing but networks with what else is on their node'
const LIMITS = 'limits of tasks are those of deploy.resources'
const WINDOWS = 'it belongs to Windows'

/** Those without which a service is not what the file says: `docker stack` refuses them, too. */
export const REFUSED: Readonly<Partial<Record<keyof Service, string>>> = {
  cpu_quota: LIMITS,
  cpu_shares: LIMITS,
  cpuset: LIMITS,
  memswap_limit: LIMITS,
  models: 'nobody there runs language models',
  provider: 'nobody provides it there',
  volumes_from: 'name a volume in both services',
}

/** Those that a swarm passes over, and why. */
export const LOST: Readonly<Partial<Record<keyof Service, string>>> = {
  annotations: 'tasks have labels alone',
  blkio_config: 'it has no limits of block devices',
  cgroup: NODE,
  cgroup_parent: NODE,
  container_name: 'tasks have names of their own: SERVICE.NUMBER.ID',
  cpu_count: WINDOWS,
  cpu_percent: WINDOWS,
  cpu_period: LIMITS,
  cpu_rt_period: LIMITS,
  cpu_rt_runtime: LIMITS,
  credential_spec: WINDOWS,
  device_cgroup_rules: 'tasks get no devices',
  devices: 'tasks get no devices',
  domainname: 'hostname may have the domain in it',
  external_links: 'containers of other projects are reached by a network that both are on',
  gpus: 'reserve them as deploy.resources.reservations.generic_resources, which nodes must advertise',
  ipc: NODE,
  isolation: WINDOWS,
  links: 'services of one network know each other by their names: further ones are networks.NAME.aliases',
  mac_address: 'a swarm chooses addresses',
  mem_swappiness: LIMITS,
  oom_kill_disable: 'nobody is spared there',
  pid: NODE,
  post_start: 'nothing is run in tasks',
  pre_start: 'nothing is run before tasks',
  pre_stop: 'nothing is run in tasks',
  privileged: 'tasks have the capabilities of cap_add at most',
  runtime: 'nodes have their default runtime for tasks',
  security_opt: 'nodes have their default profiles for tasks',
  shm_size: 'a tmpfs at /dev/shm with a size may stand for it',
  storage_opt: NODE,
  use_api_socket: 'a bind of /var/run/docker.sock on managers may stand for it',
  userns_mode: 'nodes have one user namespace for all',
  uts: NODE,
  'x-tscompose': 'only our own engine has it',
}

/** Values with which an attribute asks for nothing beyond what tasks have anyway. */
const HARMLESS: Readonly<Partial<Record<keyof Service, RegExp>>> = {
  cgroup: /^private$/,
  ipc: /^(?:private|shareable)$/,
  isolation: /^default$/,
}

/** Attributes with parts of their own: which of these have no counterpart. */
const LOST_PARTS: readonly (readonly [path: readonly string[], reason: string])[] = [
  [
    ['deploy', 'resources', 'reservations', 'devices'],
    'reserve them as generic_resources, which nodes must advertise',
  ],
]

/** Tells of all that a service asks for and does not get, with its line. */
export function tellLost({ context: { findings }, name, service, path }: Subject): void {
  for (const [attribute, reason] of Object.entries(REFUSED))
    if (isAsked(service, attribute))
      findings.error(
        'SWARM_ATTRIBUTE',
        [...path, attribute],
        `a swarm has no "${attribute}" of services: ${reason}`,
      )
  for (const [attribute, reason] of Object.entries(LOST))
    if (isAsked(service, attribute))
      findings.warn('SWARM_ATTRIBUTE', [...path, attribute], `${attribute} is lost in a swarm: ${reason}`)
  for (const [inner, reason] of LOST_PARTS)
    if (!isNothing(valueAt(service, inner)))
      findings.warn('SWARM_ATTRIBUTE', [...path, ...inner], `${inner.at(-1)} is lost in a swarm: ${reason}`)
  for (const attribute of ['command', 'entrypoint'] as const)
    if (service[attribute]?.length === 0)
      findings.warn(
        'SWARM_ATTRIBUTE',
        [...path, attribute],
        `an empty ${attribute} is lost in a swarm: tasks run the image’s`,
      )
  tellMode(findings, service, path)
  tellOrder(findings, name, service, path)
  tellAttachments(findings, service, path)
}

type Findings = Subject['context']['findings']

function tellMode(findings: Findings, { network_mode: mode }: Service, path: Subject['path']): void {
  if (mode !== undefined)
    findings.warn(
      'SWARM_ATTRIBUTE',
      [...path, 'network_mode'],
      'network_mode is lost in a swarm: tasks are on networks',
      'an external network of the name "host" is the node’s own',
    )
}

/** A manager starts all at once, and starts anew what ends. */
function tellOrder(
  findings: Findings,
  name: string,
  { depends_on: dependencies = {} }: Service,
  path: Subject['path'],
): void {
  for (const [other, { condition }] of Object.entries(dependencies))
    if (condition !== 'service_started')
      findings.warn(
        'SWARM_ORDER',
        [...path, 'depends_on', other],
        `"${name}" does not wait for "${other}": a swarm starts all services at once`,
        'what it runs must try again until the other one answers',
      )
}

const ADDRESSES = ['ipv4_address', 'ipv6_address', 'link_local_ips', 'mac_address', 'interface_name'] as const

function tellAttachments(findings: Findings, { networks = {} }: Service, path: Subject['path']): void {
  for (const [network, attachment] of Object.entries(networks))
    for (const attribute of ADDRESSES)
      if (attachment?.[attribute] !== undefined)
        findings.warn(
          'SWARM_ATTRIBUTE',
          [...path, 'networks', network, attribute],
          `${attribute} is lost in a swarm: it chooses the addresses of tasks`,
        )
}

function isAsked(service: Service, attribute: string): boolean {
  const { [attribute as keyof Service]: value } = service
  const { [attribute as keyof Service]: harmless } = HARMLESS
  return !isNothing(value) && !(typeof value === 'string' && harmless?.test(value) === true)
}
