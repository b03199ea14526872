import type { Filters, NetworkPruneResponse } from '../../api/types/index.ts'
import { failure } from '../../diagnostics/index.ts'
import { tellPrune } from '../events/prune-event.ts'
import type { EngineContext } from '../state/context.ts'
import type { NetworkRecord } from '../state/network-record.ts'
import { checkFilters, matchesLabels, untilFilter } from '../words/filters.ts'
import { findNetwork } from './find.ts'
import { isPredefined, networkKey } from './predefined.ts'
import { endpointsOn, undoNetwork, usersOf } from './undo.ts'

/** `DELETE /networks/{id}`: refused while a container holds an endpoint that runs. */
export async function removeNetwork(engine: EngineContext, reference: string): Promise<void> {
  const network = await findNetwork(engine, reference)
  if (isPredefined(network.name)) throw predefined(network.name)
  await engine.locks.run(networkKey(network), async () => {
    // Somebody else may have removed it meanwhile.
    engine.networks.resolve(network.id)
    const users = usersOf(engine, network.id)
    if (users.length > 0) {
      throw failure({
        code: 'NETWORK_IN_USE',
        kind: 'conflict',
        summary: `error while removing network: network ${network.name} has active endpoints (${users.map(name => `name:"${name}"`).join(', ')})`,
        facts: { network: network.name, users: endpointsOn(engine, network.id) },
        hint: 'stop or disconnect those containers first',
      })
    }
    await destroyNetwork(engine, network)
  })
}

async function destroyNetwork(engine: EngineContext, network: NetworkRecord): Promise<void> {
  await undoNetwork(engine, network)
  engine.events.publish({
    type: 'network',
    action: 'destroy',
    id: network.id,
    attributes: { name: network.name, type: network.driver },
  })
}

/** `POST /networks/prune`: every network of ours that no container mentions. */
export async function pruneNetworks(engine: EngineContext, filters: Filters): Promise<NetworkPruneResponse> {
  checkFilters(filters, ['label', 'label!', 'until'])
  const until = untilFilter(filters)
  const candidates = engine.networks
    .values()
    .filter(
      network =>
        !isPredefined(network.name) &&
        matchesLabels(network.labels, filters['label'] ?? []) &&
        !(filters['label!'] ?? []).some(label => matchesLabels(network.labels, [label])) &&
        (until === undefined || Date.parse(network.created) < until),
    )
  const deleted: string[] = []
  for (const network of candidates) {
    await engine.locks.run(networkKey(network), async () => {
      if (engine.networks.find(network.id) === undefined || isMentioned(engine, network.id)) return
      await destroyNetwork(engine, network)
      deleted.push(network.name)
    })
  }
  tellPrune(engine, 'network', 0)
  return { NetworksDeleted: deleted.length === 0 ? null : deleted }
}

/** Whether a container has, or is being created to have, an endpoint there, or a build has. */
function isMentioned(engine: EngineContext, networkId: string): boolean {
  return (
    engine.holds.ownersOf(`network:${networkId}`).length > 0 ||
    usersOf(engine, networkId).length > 0 ||
    [...engine.containers.values()].some(container =>
      container.record.endpoints.some(endpoint => endpoint.networkId === networkId),
    )
  )
}

function predefined(name: string): Error {
  return failure({
    code: 'NETWORK_PREDEFINED',
    kind: 'unauthorized',
    summary: `${name} is a pre-defined network and cannot be removed`,
  })
}
