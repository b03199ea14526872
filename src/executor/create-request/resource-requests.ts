import type { IPAM, NetworkCreateRequest, VolumeCreateRequest } from '../../api/types/index.ts'
import type { Network, Volume } from '../../model/index.ts'
import type { Labels } from '../../planner/index.ts'
import { compact, nonEmptyMap } from './input.ts'

/** The body of `POST /networks/create`. */
export function networkRequest(network: Network, labels: Labels): NetworkCreateRequest {
  return compact<NetworkCreateRequest>({
    Name: network.name,
    CheckDuplicate: true,
    Driver: network.driver ?? 'bridge',
    Internal: network.internal,
    Attachable: network.attachable,
    EnableIPv4: network.enable_ipv4,
    EnableIPv6: network.enable_ipv6,
    IPAM: ipamOf(network),
    Options: nonEmptyMap(network.driver_opts),
    Labels: labels,
  })
}

function ipamOf({ ipam }: Network): IPAM | undefined {
  const pools = (ipam.config ?? []).map(pool =>
    compact({
      Subnet: pool.subnet,
      Gateway: pool.gateway,
      IPRange: pool.ip_range,
      AuxiliaryAddresses: nonEmptyMap(pool.aux_addresses),
    }),
  )
  if (pools.length === 0 && ipam.driver === undefined && ipam.options === undefined) return undefined
  return compact({
    Driver: ipam.driver,
    Config: pools.length === 0 ? undefined : pools,
    Options: nonEmptyMap(ipam.options),
  })
}

/** The body of `POST /volumes/create`. */
export function volumeRequest(volume: Volume, labels: Labels): VolumeCreateRequest {
  return compact<VolumeCreateRequest>({
    Name: volume.name,
    Driver: volume.driver,
    DriverOpts: nonEmptyMap(volume.driver_opts),
    Labels: labels,
  })
}
