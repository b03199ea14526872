import type {
  ContainerState,
  EndpointSettings,
  HostConfig,
  MountPoint,
  NetworkSettings,
  PortBinding,
  PortSummary,
} from '../../api/types/index.ts'
import { renderHealth } from '../health/state.ts'
import { findMode, isDefaultBridge } from '../networks/predefined.ts'
import type { Container } from '../state/container.ts'
import type { EndpointRecord, MountRecord } from '../state/container-record.ts'
import type { EngineContext } from '../state/context.ts'
import { addressOnly, isIPv6, prefixLengthOf } from '../words/addresses.ts'
import { shortId } from '../words/ids.ts'
import { ZERO_TIME } from '../words/timestamps.ts'

/** `State` of an inspect. */
export function renderState(container: Container): ContainerState {
  const { state } = container.record
  const status = container.status
  return {
    Status: status,
    // Docker counts a container that waits for its restart as running.
    Running: container.active,
    Paused: container.paused,
    Restarting: status === 'restarting',
    OOMKilled: state.oomKilled,
    Dead: false,
    Pid: container.live?.status?.pid ?? 0,
    ExitCode: container.running ? 0 : state.exitCode,
    Error: state.error,
    StartedAt: state.startedAt ?? ZERO_TIME,
    FinishedAt: state.finishedAt ?? ZERO_TIME,
    ...(container.health === undefined ? {} : { Health: renderHealth(container.health) }),
  }
}

/** One endpoint as inspects show it; addresses only while the container has them. */
function renderEndpoint(
  engine: Pick<EngineContext, 'networks'>,
  container: Container,
  endpoint: EndpointRecord,
): EndpointSettings {
  const addresses = container.holdsAddresses ? endpoint.addresses : []
  const [v4, v6] = [addresses.find(each => !isIPv6(each)), addresses.find(isIPv6)]
  const subnets = engine.networks.find(endpoint.networkId)?.subnets ?? []
  const gateway = (six: boolean): string => subnets.find(each => isIPv6(each.subnet) === six)?.gateway ?? ''
  const { ipv4, ipv6, linkLocal } = endpoint.wanted
  return {
    IPAMConfig:
      ipv4 === undefined && ipv6 === undefined && linkLocal === undefined
        ? undefined
        : { IPv4Address: ipv4, IPv6Address: ipv6, LinkLocalIPs: linkLocal },
    Links: endpoint.links,
    Aliases: endpoint.aliases,
    MacAddress: container.holdsAddresses ? endpoint.macAddress : (endpoint.wanted.macAddress ?? ''),
    DriverOpts: endpoint.driverOpts,
    GwPriority: endpoint.gwPriority,
    NetworkID: endpoint.networkId,
    EndpointID: container.holdsAddresses ? endpoint.endpointId : '',
    Gateway: v4 === undefined ? '' : gateway(false),
    IPAddress: v4 === undefined ? '' : addressOnly(v4),
    IPPrefixLen: v4 === undefined ? 0 : prefixLengthOf(v4),
    IPv6Gateway: v6 === undefined ? '' : gateway(true),
    GlobalIPv6Address: v6 === undefined ? '' : addressOnly(v6),
    GlobalIPv6PrefixLen: v6 === undefined ? 0 : prefixLengthOf(v6),
    DNSNames: isDefaultBridge({ name: endpoint.networkName })
      ? []
      : [...new Set([container.name, ...endpoint.aliases, shortId(container.id)])],
  }
}

/** Network name → endpoint; the modes without an endpoint of their own appear under the mode's name, as with Docker. */
export function renderEndpoints(
  engine: Pick<EngineContext, 'networks'>,
  container: Container,
): Readonly<Record<string, EndpointSettings>> {
  const { endpoints, hostConfig } = container.record
  const mode = hostConfig.NetworkMode ?? 'default'
  if (endpoints.length === 0) {
    const network = findMode(mode)
    return network === undefined ? {} : { [mode]: { NetworkID: network.id, EndpointID: '' } }
  }
  return Object.fromEntries(
    endpoints.map(endpoint => [endpoint.networkName, renderEndpoint(engine, container, endpoint)]),
  )
}

/** `NetworkSettings` of an inspect. */
export function renderNetworkSettings(
  engine: Pick<EngineContext, 'networks'>,
  container: Container,
): NetworkSettings {
  return {
    Bridge: '',
    SandboxID: container.live === undefined ? '' : container.id,
    SandboxKey: container.running ? sandboxKey(container) : '',
    Ports: renderPortMap(container),
    Networks: renderEndpoints(engine, container),
  }
}

/** The file of the network namespace; a monitor keeps the container's at fd 100, and is in the host's itself. */
function sandboxKey(container: Container): string {
  const file = container.record.hostConfig.NetworkMode === 'host' ? 'ns/net' : 'fd/100'
  return `/proc/${container.live?.status?.monitorPid}/${file}`
}

function protocolOf(type: string): PortSummary['Type'] {
  return type === 'udp' || type === 'sctp' ? type : 'tcp'
}

function renderPortMap(container: Container): Record<string, PortBinding[] | null> {
  const { config, ports, endpoints } = container.record
  const map: Record<string, PortBinding[] | null> = {}
  if (!container.holdsAddresses || endpoints.length === 0) return map
  for (const exposed of Object.keys(config.ExposedPorts ?? {})) map[exposed] = null
  for (const port of ports) {
    const key = `${port.containerPort}/${port.protocol}`
    map[key] = [...(map[key] ?? []), { HostIp: port.hostIp, HostPort: String(port.hostPort) }]
  }
  return map
}

/** `Ports` of a list row. */
export function renderPorts(container: Container): PortSummary[] {
  const { config, ports, endpoints } = container.record
  if (!container.holdsAddresses || endpoints.length === 0) return []
  const published = ports.map(port => ({
    IP: port.hostIp,
    PrivatePort: port.containerPort,
    PublicPort: port.hostPort,
    Type: port.protocol,
  }))
  const exposed = Object.keys(config.ExposedPorts ?? {}).flatMap((key): PortSummary[] => {
    const [number = '', type = 'tcp'] = key.split('/')
    const isPublished = ports.some(port => String(port.containerPort) === number && port.protocol === type)
    if (isPublished || !/^\d+$/.test(number)) return []
    return [{ PrivatePort: Number(number), Type: protocolOf(type) }]
  })
  return [...exposed, ...published]
}

/** A mount as inspects show it. */
export function renderMount(mount: MountRecord): MountPoint {
  return {
    Type: mount.type,
    ...(mount.name === undefined ? {} : { Name: mount.name, Driver: 'local' }),
    Source: mount.source,
    Destination: mount.destination,
    Mode: mount.mode,
    RW: !mount.readonly,
    Propagation: mount.propagation ?? (mount.type === 'bind' ? 'rprivate' : ''),
  }
}

/** With Docker's log driver where none was asked for: docker-py reads the field of each container that it runs. */
export function renderHostConfig(host: HostConfig): HostConfig {
  const { Type, Config } = host.LogConfig ?? {}
  return { ...host, LogConfig: { Type: Type || 'json-file', Config: Config ?? {} } }
}
