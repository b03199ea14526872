import { existsSync } from 'node:fs'
import type { Drift, NetworkContainer, NetworkInspect } from '../../api/types/index.ts'
import { bridgeName } from '../../network/index.ts'
import type { EngineContext } from '../state/context.ts'
import type { NetworkRecord } from '../state/network-record.ts'
import { isIPv6 } from '../words/addresses.ts'
import { HOST_NETWORK_ID, NONE_NETWORK_ID } from './predefined.ts'

/** `GET /networks/{id}` of a bridge network, with what the kernel has otherwise. */
export function inspectNetwork(engine: EngineContext, network: NetworkRecord): NetworkInspect {
  const drift = networkDrift(network)
  return {
    ...renderNetwork(network),
    Containers: containersOf(engine, network.id),
    ...(drift.length === 0 ? {} : { TscomposeDrift: drift }),
  }
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
      Options: network.ipam.Options ?? {},
      Config: network.subnets.map(({ subnet, gateway, ipRange, auxAddresses }) => ({
        Subnet: subnet,
        Gateway: gateway,
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
    Options: network.options,
    Labels: network.labels,
  }
}

/** The two predefined networks that are modes only. */
export function renderPredefined(name: 'host' | 'none'): NetworkInspect {
  return {
    Name: name,
    Id: name === 'host' ? HOST_NETWORK_ID : NONE_NETWORK_ID,
    Created: '1970-01-01T00:00:00Z',
    Scope: 'local',
    Driver: name === 'host' ? 'host' : 'null',
    EnableIPv4: true,
    EnableIPv6: false,
    IPAM: { Driver: 'default', Config: [] },
    Internal: false,
    Attachable: false,
    Ingress: false,
    ConfigFrom: { Network: '' },
    ConfigOnly: false,
    Containers: {},
    Options: {},
    Labels: {},
  }
}

function networkDrift(network: NetworkRecord): Drift[] {
  const bridge = bridgeName(network)
  return existsSync(`/sys/class/net/${bridge}`) ? [] : [{ Path: 'bridge', Want: bridge, Got: 'missing' }]
}

function containersOf(engine: EngineContext, networkId: string): Record<string, NetworkContainer> {
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
