import type {
  ContainerState,
  EndpointSettings,
  HostConfig,
  MountPoint,
  NetworkSettings,
  PortMap,
  PortSummary,
} from '../../api/types/index.ts'
import { renderHealth } from '../health/state.ts'
import { findMode, isDefaultBridge } from '../networks/predefined.ts'
import type { Container } from '../state/container.ts'
import type { EndpointRecord, MountRecord } from '../state/container-record.ts'
import type { EngineContext } from '../state/context.ts'
import type { LogTerms } from '../terms/log.ts'
import { portMapOf, portRowsOf } from '../terms/ports.ts'
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
  const { endpoints } = container.record
  const { kind } = container.terms.network.mode
  if (endpoints.length === 0) {
    const network = findMode(kind)
    return network === undefined ? {} : { [kind]: { NetworkID: network.id, EndpointID: '' } }
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
  const file = container.terms.network.mode.kind === 'host' ? 'ns/net' : 'fd/100'
  return `/proc/${container.live?.status?.monitorPid}/${file}`
}

/** `Ports` of an inspect: of a container that has addresses now. */
function renderPortMap({ terms, record, holdsAddresses }: Container): PortMap {
  if (!holdsAddresses || record.endpoints.length === 0) return {}
  return portMapOf(terms.ports.exposed, record.ports)
}

/** `Ports` of a list row. */
export function renderPorts({ terms, record, holdsAddresses }: Container): PortSummary[] {
  if (!holdsAddresses || record.endpoints.length === 0) return []
  return portRowsOf(terms.ports.exposed, record.ports)
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
export function renderHostConfig(host: HostConfig, log: LogTerms): HostConfig {
  return { ...host, LogConfig: { Type: log.driver, Config: log.options } }
}
