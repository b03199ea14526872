import { failure } from '../../diagnostics/index.ts'
import type { NetlinkOp } from '../../native/index.ts'
import { disconnectOps, type Endpoint, egressChangeOp } from '../../network/index.ts'
import { networkFileOf } from '../groups/kept-network.ts'
import type { Container } from '../state/container.ts'
import type { EndpointRecord } from '../state/container-record.ts'
import type { EngineContext } from '../state/context.ts'
import type { NetworkRecord } from '../state/network-record.ts'
import { addressesOf } from '../words/addresses.ts'
import { egressPolicyOf } from './egress.ts'
import { isEndpointOn } from './endpoint.ts'
import { joinedOf, kernelEndpoints } from './joined.ts'
import { isGuarded } from './program.ts'
import { tellRelay } from './relay.ts'
import { publishOnNetworks } from './republish.ts'

type Network = Pick<NetworkRecord, 'id' | 'name' | 'driver'>

/** `POST /networks/{id}/disconnect`. */
export async function disconnectContainer(
  engine: EngineContext,
  network: Network,
  container: Container,
  force: boolean,
): Promise<void> {
  await engine.locks.run(container.id, async () => {
    const endpoint = container.record.endpoints.find(each => isEndpointOn(each, network))
    if (network.name === 'host' && container.terms.network.mode.kind === 'host') throw leavesHost(container)
    if (endpoint !== undefined) return await leaveNetwork(engine, network, container, endpoint)
    if (force) return tellOfNetwork(engine, network, container, 'disconnect')
    throw failure({
      code: 'ENDPOINT_NOT_FOUND',
      kind: 'notFound',
      summary: `container ${container.id} is not connected to network ${network.name}`,
    })
  })
}

/** Disconnects a container whose lock the caller has. */
export async function leaveNetwork(
  engine: EngineContext,
  network: Network,
  container: Container,
  endpoint: EndpointRecord,
): Promise<void> {
  const file = networkFileOf(engine.containers, container)
  await detach(engine, container, endpoint)
  container.save({ endpoints: container.record.endpoints.filter(each => each !== endpoint) })
  await publishOnNetworks(engine, container)
  if (container.terms.network.hostAccess === true) await engine.firewall.apply()
  if (file !== undefined) await engine.firewall.endFlowsOf(addressesOf([endpoint]), 'now')
  if (container.holdsAddresses) {
    await tellRelay(engine, container)
    await engine.names.update([network.id, container.id])
  } else await listAgain(engine, network.id)
  tellOfNetwork(engine, network, container, 'disconnect')
}

/** The names of a network on which somebody is, or is no longer, who does not run: they are known as such. */
export async function listAgain(
  { networks, names }: Pick<EngineContext, 'networks' | 'names'>,
  networkId: string,
): Promise<void> {
  if (networks.find(networkId) !== undefined) await names.update([networkId])
}

/** Takes from the kernel what it has of an endpoint that is in the record. */
export async function detach(
  engine: EngineContext,
  container: Container,
  { endpointId }: EndpointRecord,
): Promise<void> {
  const file = networkFileOf(engine.containers, container)
  const all = kernelEndpoints(container, joinedOf(engine, container))
  const gone = all.find(each => each.id === endpointId)
  if (file === undefined || gone === undefined) return
  const remain = all.filter(each => each !== gone)
  await engine.native.run({
    setup: [
      ...disconnectOps(file, gone, remain, isGuarded(engine, container)),
      ...egressAgain(container, remain),
    ],
  })
}

/** The rules of where it may go, made anew with its networks as they are now. */
export function egressAgain(container: Container, all: readonly Endpoint[]): NetlinkOp[] {
  const policy = egressPolicyOf(container, all)
  return policy === undefined ? [] : [egressChangeOp(policy, policy.targets)]
}

function leavesHost(container: Container): Error {
  return failure({
    code: 'NETWORK_MODE',
    kind: 'invalidArgument',
    summary: `container ${container.name} has the host's network and cannot leave it`,
    facts: { option: 'leave', mode: 'host' },
  })
}

/** An event of a network: `connect` or `disconnect`. */
export function tellOfNetwork(
  engine: EngineContext,
  network: Pick<NetworkRecord, 'id' | 'name' | 'driver'>,
  container: Container,
  action: string,
): void {
  engine.events.publish({
    type: 'network',
    action,
    id: network.id,
    attributes: { container: container.id, name: network.name, type: network.driver },
  })
}
