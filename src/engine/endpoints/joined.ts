import type { Endpoint } from '../../network/index.ts'
import type { Container } from '../state/container.ts'
import type { EndpointRecord } from '../state/container-record.ts'
import type { EngineContext } from '../state/context.ts'
import type { NetworkRecord } from '../state/network-record.ts'
import { sysctlsOf } from './settings.ts'
import { askedIPv6, usableAddresses } from './usable-addresses.ts'

/** An endpoint with its network, as the kernel and the names need both. */
export interface JoinedEndpoint {
  readonly record: EndpointRecord
  readonly network: NetworkRecord
}

/** The container's endpoints with those of its networks that exist. */
export function joinedOf(engine: Pick<EngineContext, 'networks'>, container: Container): JoinedEndpoint[] {
  return container.record.endpoints.flatMap(record => {
    const network = engine.networks.find(record.networkId)
    return network === undefined ? [] : [{ record, network }]
  })
}

/** The endpoints in the network folder's words; `of` where links are made, which tell it. */
export function kernelEndpoints(
  container: Pick<Container, 'terms'>,
  joined: readonly JoinedEndpoint[],
  of?: Endpoint['of'],
): Endpoint[] {
  return joined.map(({ record, network }) => ({
    ...ofFamilies(askedIPv6(container, record)),
    id: record.endpointId,
    network,
    interfaceName: record.interfaceName,
    macAddress: record.macAddress,
    addresses: usableAddresses(container, record),
    gwPriority: record.gwPriority,
    sysctls: sysctlsOf(record.driverOpts, record.interfaceName),
    ...(of === undefined ? {} : { of }),
  }))
}

function ofFamilies(ipv6: boolean | undefined): Pick<Endpoint, 'ipv6'> {
  return ipv6 === undefined ? {} : { ipv6 }
}
