import type { NetworkContainer, NetworkInspect } from '../../api/types/index.ts'
import { bridgeName } from '../../network/index.ts'
import type { EngineContext } from '../state/context.ts'
import type { NetworkRecord } from '../state/network-record.ts'
import { isIPv6 } from '../words/addresses.ts'
import { isDefaultBridge } from './predefined.ts'

/** A network as `GET /networks/{id}` tells of it, but for what the kernel has otherwise. */
export function inspectNetwork(
  engine: Pick<EngineContext, 'containers'>,
  network: NetworkRecord,
): NetworkInspect {
  return { ...renderNetwork(network), Containers: containersOf(engine, network.id) }
}

/** A row of the list: as an inspect, without the containers. */
export function renderNetwork(network: NetworkRecord): NetworkInspect {
  return {
    Name: network.name,
    Id: network.id,
    Created: network.created,
    Scope: 'local',
    Driver: network.driver,
    EnableIPv4: network.enableIPv4,
    EnableIPv6: network.enableIPv6,
    IPAM: {
      Driver: 'default',
      Options: network.ipam.Options ?? null,
      Config:
        network.subnets.length === 0
          ? null
          : network.subnets.map(({ subnet, gateway, ipRange, auxAddresses }) => ({
              Subnet: subnet,
              ...(isGatewayTold(network, subnet) ? { Gateway: gateway } : {}),
              ...(ipRange === undefined ? {} : { IPRange: ipRange }),
              ...(auxAddresses === undefined ? {} : { AuxiliaryAddresses: auxAddresses }),
            })),
    },
    Internal: network.internal,
    Attachable: network.attachable,
    Ingress: false,
    ConfigFrom: { Network: '' },
    ConfigOnly: false,
    Containers: {},
    Options: shownOptions(network),
    Labels: network.labels,
  }
}

/** Of a subnet that was asked for without a gateway Docker tells what was asked for. */
function isGatewayTold({ ipam }: NetworkRecord, subnet: string): boolean {
  const asked = ipam.Config?.find(({ Subnet }) => Subnet === subnet)
  return asked === undefined || !!asked.Gateway
}

/** Clients of old look in the default bridge's options for what Docker's daemon was configured to. */
function shownOptions(network: NetworkRecord): Readonly<Record<string, string>> {
  if (!isDefaultBridge(network)) return network.options
  return {
    ...network.options,
    'com.docker.network.bridge.enable_icc': 'true',
    'com.docker.network.bridge.enable_ip_masquerade': 'true',
    'com.docker.network.bridge.host_binding_ipv4': '0.0.0.0',
    'com.docker.network.bridge.name': bridgeName(network),
    'com.docker.network.driver.mtu': '1500',
  }
}

function containersOf(
  engine: Pick<EngineContext, 'containers'>,
  networkId: string,
): Record<string, NetworkContainer> {
  const entries = [...engine.containers.values()]
    .filter(container => container.holdsAddresses)
    .flatMap(container =>
      container.record.endpoints
        .filter(endpoint => endpoint.networkId === networkId)
        .map((endpoint): [string, NetworkContainer] => [
          container.id,
          {
            Name: container.name,
            EndpointID: endpoint.endpointId,
            MacAddress: endpoint.macAddress,
            IPv4Address: endpoint.addresses.find(each => !isIPv6(each)) ?? '',
            IPv6Address: endpoint.addresses.find(isIPv6) ?? '',
          },
        ]),
    )
  return Object.fromEntries(entries)
}
