import type { ContainerConfig, HostConfig } from '../../api/types/index.ts'
import type { NamespaceMode, Namespaces, NetworkNamespaceMode } from '../runtime/index.ts'
import { parseNetworkMode } from './network-mode.ts'
import type { Problems } from './problems.ts'

/** Words that a mode may be; those with `container` may also be `container:<name or id>`. */
const WORDS = {
  PidMode: { words: ['host'], container: true },
  IpcMode: { words: ['none', 'private', 'shareable', 'host'], container: true },
  UTSMode: { words: ['host'], container: false },
  UsernsMode: { words: ['host'], container: false },
  CgroupnsMode: { words: ['private', 'host'], container: false },
} as const

/** NAMESPACE_MODE for a mode that does not exist, HOSTNAME_INVALID for a name that would be the host's, NETWORK_MODE. */
export function checkNamespaceModes(config: ContainerConfig, host: HostConfig, problems: Problems): void {
  for (const [field, { words, container }] of Object.entries(WORDS)) {
    const mode = host[field as keyof typeof WORDS] ?? ''
    const isKnown = mode === '' || (words as readonly string[]).includes(mode)
    if (isKnown || (container && /^container:./.test(mode))) continue
    const all = [...words, ...(container ? ['container:<name or id>'] : [])]
    problems.add('NAMESPACE_MODE', `HostConfig.${field}`, `got "${mode}", want ${all.join(', ')} or nothing`)
  }
  checkJoinedNetwork(config, host, problems)
  if (host.UTSMode !== 'host') return
  for (const field of ['Hostname', 'Domainname'] as const) {
    if (config[field])
      problems.add(
        'HOSTNAME_INVALID',
        field,
        `"${config[field]}" cannot be set: the container shares the host's UTS namespace`,
      )
  }
}

/** A container in the network of another has its names and files: what would change those is refused, as by dockerd. */
function checkJoinedNetwork(config: ContainerConfig, host: HostConfig, problems: Problems): void {
  const { kind } = parseNetworkMode(host.NetworkMode)
  if (kind === 'host' && (host.Links ?? []).length > 0)
    problems.add('NETWORK_MODE', 'HostConfig.Links', "cannot be set: the container has the host's network")
  if (kind !== 'container') return
  const asked: readonly (readonly [string, boolean])[] = [
    ['Hostname', config.Hostname !== undefined && config.Hostname !== ''],
    ['HostConfig.Dns', (host.Dns ?? []).length > 0],
    ['HostConfig.ExtraHosts', (host.ExtraHosts ?? []).length > 0],
    ['HostConfig.Links', (host.Links ?? []).length > 0],
  ]
  for (const [field, isAsked] of asked)
    if (isAsked)
      problems.add('NETWORK_MODE', field, `cannot be set: the container is in the network of another one`)
}

/**
 * The namespaces as far as the modes themselves tell, without a look at other containers: enough to refuse at once what
 * would fail at each start, as a sysctl of a namespace that is shared.
 */
export function namespacesAsked(host: HostConfig): Namespaces {
  return {
    pid: modeOf(host.PidMode),
    net: networkOf(host),
    ipc: modeOf(host.IpcMode),
    uts: modeOf(host.UTSMode),
    cgroup: modeOf(host.CgroupnsMode),
  }
}

function modeOf(mode: string | undefined): NamespaceMode {
  if (mode === 'host') return { kind: 'host' }
  return mode?.startsWith('container:') ? { kind: 'process', pid: 0, startTime: 0n } : { kind: 'private' }
}

function networkOf(host: HostConfig): NetworkNamespaceMode {
  const { kind } = parseNetworkMode(host.NetworkMode)
  if (kind === 'host') return { kind }
  return kind === 'container' ? { kind: 'path', path: '/nonexistent' } : { kind: 'private' }
}
