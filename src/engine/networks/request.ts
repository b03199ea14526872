import type { NetworkCreateRequest } from '../../api/types/index.ts'
import { failure } from '../../diagnostics/index.ts'
import { DRIVERS, driverNamed, type NetworkDriver, type SubnetRequest } from '../../network/index.ts'

/** What a create asks for that no network can have here: IPAM_DRIVER, NETWORK_SWARM. */
export function checkNetworkRequest(body: NetworkCreateRequest): void {
  if (body.IPAM?.Driver && body.IPAM.Driver !== 'default') {
    throw failure({
      code: 'IPAM_DRIVER',
      kind: 'invalidArgument',
      summary: `IPAM driver "${body.IPAM.Driver}" is not supported, want default`,
      facts: { driver: body.IPAM.Driver },
    })
  }
  if (body.Ingress === true || body.ConfigOnly === true || body.ConfigFrom?.Network) {
    throw failure({
      code: 'NETWORK_SWARM',
      kind: 'invalidArgument',
      summary: 'Ingress, ConfigOnly and ConfigFrom belong to Swarm, which this engine has not',
    })
  }
}

/** NETWORK_DRIVER for one that we have not, and for one whose only network is predefined. */
export function creatableDriver(name: string): NetworkDriver {
  const driver = driverNamed(name)
  if (driver?.creatable === true) return driver
  const creatable = DRIVERS.filter(each => each.creatable).map(each => each.name)
  throw failure({
    code: 'NETWORK_DRIVER',
    kind: 'invalidArgument',
    summary: `network driver "${name}" is not supported`,
    facts: { driver: name },
    hint: `want ${creatable.join(' or ')}; "host" and "none" exist already, as predefined networks`,
  })
}

/** The subnets that a create asks for, in the words of `planSubnets`. */
export function subnetRequestOf(body: NetworkCreateRequest): SubnetRequest {
  return {
    enableIPv4: body.EnableIPv4 !== false,
    enableIPv6: body.EnableIPv6 === true,
    config: (body.IPAM?.Config ?? []).map(({ Subnet, Gateway, IPRange, AuxiliaryAddresses }) => ({
      ...(Subnet ? { subnet: Subnet } : {}),
      ...(Gateway ? { gateway: Gateway } : {}),
      ...(IPRange ? { ipRange: IPRange } : {}),
      ...(AuxiliaryAddresses === undefined ? {} : { auxAddresses: AuxiliaryAddresses }),
    })),
  }
}
