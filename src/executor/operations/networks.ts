import type { IPAM, NetworkCreateRequest } from '../../api/types/index.ts'
import type { Network } from '../../model/index.ts'
import { endpointSettings } from '../create-request/index.ts'
import { compact, nonEmptyMap } from '../create-request/input.ts'
import type { Executor } from '../execution.ts'
import { tolerate } from '../tolerate.ts'

/** Another `up` may have made it in between: that is as good. */
export const createNetwork: Executor<'createNetwork'> = async ({ network, labels }, { execution }) => {
  const request = compact<NetworkCreateRequest>({
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
  await tolerate(['conflict'], execution.docker.createNetwork(request))
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

/** One that is gone already is as it should be. */
export const removeNetwork: Executor<'removeNetwork'> = async ({ networkId }, { execution }) => {
  await tolerate(['notFound'], execution.docker.getNetwork(networkId).remove())
}

/** Attaches a container that was taken off a network which was replaced. */
export const connectNetwork: Executor<'connectNetwork'> = async (operation, { execution }) => {
  const { container, attachment, service } = operation
  await execution.docker.getNetwork(attachment.network).connect({
    Container: execution.idOf(container),
    EndpointConfig: endpointSettings(service, { ...attachment, isPrimary: false }),
  })
}

/** A container or network that is gone is not attached. */
export const disconnectNetwork: Executor<'disconnectNetwork'> = async (operation, { execution }) => {
  const { container, networkId, force } = operation
  const call = execution.docker
    .getNetwork(networkId)
    .disconnect({ Container: execution.idOf(container), Force: force })
  await tolerate(['notFound'], call)
}
