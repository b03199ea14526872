import type { EndpointAnswer, NetworkSettings, PortMap, PortSummary } from '../../../api/types/index.ts'
import { DEFAULT_BRIDGE } from '../../networks/predefined.ts'
import type { Container } from '../../state/container.ts'
import type { EngineContext } from '../../state/context.ts'
import { portMapOf, portRowsOf } from '../../terms/ports.ts'
import { renderEndpoints } from './endpoints.ts'

/** `NetworkSettings` of an inspect. */
export function renderNetworkSettings(
  engine: Pick<EngineContext, 'networks'>,
  container: Container,
): NetworkSettings {
  const Networks = renderEndpoints(engine, container)
  const joins = container.terms.network.mode.kind === 'container'
  return {
    Bridge: '',
    SandboxID: container.live === undefined || joins ? '' : container.id,
    SandboxKey: container.running && !joins ? sandboxKey(container) : '',
    Ports: renderPortMap(container),
    HairpinMode: false,
    LinkLocalIPv6Address: '',
    LinkLocalIPv6PrefixLen: 0,
    SecondaryIPAddresses: null,
    SecondaryIPv6Addresses: null,
    ...onDefaultBridge(Networks[DEFAULT_BRIDGE.name]),
    Networks,
  }
}

/** From the time when there was one network, and still read by many: what the container has on the default bridge. */
function onDefaultBridge(endpoint: EndpointAnswer | undefined): Omit<NetworkSettings, NotOfBridge> {
  return {
    EndpointID: endpoint?.EndpointID ?? '',
    Gateway: endpoint?.Gateway ?? '',
    GlobalIPv6Address: endpoint?.GlobalIPv6Address ?? '',
    GlobalIPv6PrefixLen: endpoint?.GlobalIPv6PrefixLen ?? 0,
    IPAddress: endpoint?.IPAddress ?? '',
    IPPrefixLen: endpoint?.IPPrefixLen ?? 0,
    IPv6Gateway: endpoint?.IPv6Gateway ?? '',
    MacAddress: endpoint?.EndpointID ? endpoint.MacAddress : '',
  }
}

type NotOfBridge =
  | 'Bridge'
  | 'SandboxID'
  | 'SandboxKey'
  | 'Ports'
  | 'HairpinMode'
  | 'LinkLocalIPv6Address'
  | 'LinkLocalIPv6PrefixLen'
  | 'SecondaryIPAddresses'
  | 'SecondaryIPv6Addresses'
  | 'Networks'

/** The file of the network namespace; a monitor keeps the container's at fd 100, and is in the host's itself. */
function sandboxKey(container: Container): string {
  const file = container.terms.network.mode.kind === 'host' ? 'ns/net' : 'fd/100'
  return `/proc/${container.live?.status?.monitorPid}/${file}`
}

/** `Ports` of an inspect: of a container that has addresses now. */
export function renderPortMap({ terms, record, holdsAddresses }: Container): PortMap {
  if (!holdsAddresses || record.endpoints.length === 0) return {}
  return portMapOf(terms.ports.exposed, record.ports)
}

/** `Ports` of a list row. */
export function renderPorts({ terms, record, holdsAddresses }: Container): PortSummary[] {
  if (!holdsAddresses || record.endpoints.length === 0) return []
  return portRowsOf(terms.ports.exposed, record.ports)
}
