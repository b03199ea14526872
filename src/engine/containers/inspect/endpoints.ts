import { createHash } from 'node:crypto'
import type { EndpointAnswer } from '../../../api/types/index.ts'
import { findMode, isDefaultBridge } from '../../networks/predefined.ts'
import type { Container } from '../../state/container.ts'
import type { EndpointRecord } from '../../state/container-record.ts'
import type { EngineContext } from '../../state/context.ts'
import { addressOnly, isIPv6, prefixLengthOf } from '../../words/addresses.ts'
import { shortId } from '../../words/ids.ts'

/** What Docker says of an endpoint that has nothing, and was asked for nothing. */
const NO_ENDPOINT: EndpointAnswer = {
  IPAMConfig: null,
  Links: null,
  Aliases: null,
  MacAddress: '',
  DriverOpts: null,
  GwPriority: 0,
  NetworkID: '',
  EndpointID: '',
  Gateway: '',
  IPAddress: '',
  IPPrefixLen: 0,
  IPv6Gateway: '',
  GlobalIPv6Address: '',
  GlobalIPv6PrefixLen: 0,
  DNSNames: null,
}

/** Network name → endpoint; the modes without an endpoint of their own appear under the mode's name, as with Docker. */
export function renderEndpoints(
  engine: Pick<EngineContext, 'networks'>,
  container: Container,
): Readonly<Record<string, EndpointAnswer>> {
  const { endpoints } = container.record
  const { kind } = container.terms.network.mode
  if (endpoints.length > 0) {
    return Object.fromEntries(
      endpoints.map(endpoint => [endpoint.networkName, renderEndpoint(engine, container, endpoint)]),
    )
  }
  const network = findMode(kind)
  return network === undefined ? {} : { [kind]: { ...NO_ENDPOINT, ...inMode(container, network.id) } }
}

function inMode(container: Container, networkId: string): Partial<EndpointAnswer> {
  if (!hasRun(container)) return {}
  // There is none, but clients hold that an endpoint without an id is not joined.
  const EndpointID = createHash('sha256').update(`${networkId} ${container.id}`).digest('hex')
  return { NetworkID: networkId, EndpointID: container.holdsAddresses ? EndpointID : '' }
}

/** Addresses only while the container has them, networks by their ids once it has been there, or where one is gone that it would go to. */
function renderEndpoint(
  engine: Pick<EngineContext, 'networks'>,
  container: Container,
  endpoint: EndpointRecord,
): EndpointAnswer {
  const { ipv4, ipv6, linkLocal, macAddress } = endpoint.wanted
  const isFree = ipv4 === undefined && ipv6 === undefined && linkLocal === undefined
  const wanted: EndpointAnswer = {
    ...NO_ENDPOINT,
    IPAMConfig: isFree ? null : { IPv4Address: ipv4, IPv6Address: ipv6, LinkLocalIPs: linkLocal },
    Links: endpoint.links ?? null,
    Aliases: endpoint.aliases.length === 0 ? null : endpoint.aliases,
    MacAddress: macAddress ?? '',
    DriverOpts: Object.keys(endpoint.driverOpts).length === 0 ? null : endpoint.driverOpts,
    GwPriority: endpoint.gwPriority,
  }
  // The default bridge is made when it is first used.
  const isLater = isDefaultBridge({ name: endpoint.networkName })
  const isGone = !isLater && engine.networks.find(endpoint.networkId) === undefined
  if (!hasRun(container)) return isGone ? { ...wanted, NetworkID: endpoint.networkId } : wanted
  return {
    ...wanted,
    NetworkID: endpoint.networkId,
    DNSNames: isDefaultBridge({ name: endpoint.networkName })
      ? null
      : [...new Set([container.name, ...endpoint.aliases, shortId(container.id), ...hostnameOf(container)])],
    ...(container.holdsAddresses ? placeOf(engine, endpoint) : {}),
  }
}

function hasRun(container: Container): boolean {
  return container.holdsAddresses || container.record.state.startedAt !== undefined
}

function hostnameOf({ id, record }: Container): readonly string[] {
  const { Hostname = '' } = record.config
  return Hostname === '' || id.startsWith(Hostname) ? [] : [Hostname]
}

function placeOf(engine: Pick<EngineContext, 'networks'>, endpoint: EndpointRecord): Partial<EndpointAnswer> {
  const { addresses } = endpoint
  const [v4, v6] = [addresses.find(each => !isIPv6(each)), addresses.find(isIPv6)]
  const subnets = engine.networks.find(endpoint.networkId)?.subnets ?? []
  const gateway = (six: boolean): string => subnets.find(each => isIPv6(each.subnet) === six)?.gateway ?? ''
  return {
    MacAddress: endpoint.macAddress,
    EndpointID: endpoint.endpointId,
    ...(v4 === undefined
      ? {}
      : { Gateway: gateway(false), IPAddress: addressOnly(v4), IPPrefixLen: prefixLengthOf(v4) }),
    ...(v6 === undefined
      ? {}
      : {
          IPv6Gateway: gateway(true),
          GlobalIPv6Address: addressOnly(v6),
          GlobalIPv6PrefixLen: prefixLengthOf(v6),
        }),
  }
}
