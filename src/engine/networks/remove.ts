import type { Filters, NetworkPruneResponse } from '../../api/types/index.ts'
import { failure } from '../../diagnostics/index.ts'
import { collectErrorsTogether } from '../collect-errors.ts'
import type { EngineContext } from '../context.ts'
import { checkFilters, matchesLabels, untilFilter } from '../filters.ts'
import type { NetworkRecord } from '../records/network-record.ts'
import { removeBridge } from './kernel.ts'
import { forgetOpening } from './opening.ts'
import { isPredefined } from './predefined.ts'

/** `DELETE /networks/{id}`: refused while a container holds an endpoint that runs. */
export async function removeNetwork(engine: EngineContext, reference: string): Promise<void> {
  if (isPredefined(reference) && reference !== 'bridge') throw predefined(reference)
  const network = engine.networks.resolve(reference)
  if (isPredefined(network.name)) throw predefined(network.name)
  await engine.locks.run(`network:${network.id}`, async () => {
    const users = usersOf(engine, network.id)
    if (users.length > 0) {
      throw failure({
        code: 'NETWORK_IN_USE',
        kind: 'conflict',
        summary: `error while removing network: network ${network.name} has active endpoints (${users.map(name => `name:"${name}"`).join(', ')})`,
        hint: 'stop or disconnect those containers first',
      })
    }
    await undoNetwork(engine, network)
    engine.events.publish({
      type: 'network',
      action: 'destroy',
      id: network.id,
      attributes: { name: network.name, type: network.driver },
    })
  })
}

/** `POST /networks/prune`: every network of ours that no container mentions. */
export async function pruneNetworks(engine: EngineContext, filters: Filters): Promise<NetworkPruneResponse> {
  checkFilters(filters, ['label', 'label!', 'until'])
  const until = untilFilter(filters)
  const unused = engine.networks
    .values()
    .filter(
      network =>
        !isPredefined(network.name) &&
        matchesLabels(network.labels, filters['label'] ?? []) &&
        !(filters['label!'] ?? []).some(label => matchesLabels(network.labels, [label])) &&
        (until === undefined || Date.parse(network.created) < until) &&
        ![...engine.containers.values()].some(container =>
          container.record.endpoints.some(endpoint => endpoint.networkId === network.id),
        ),
    )
  for (const network of unused) await removeNetwork(engine, network.id)
  return { NetworksDeleted: unused.map(network => network.name) }
}

/** Names of the containers that run, or are about to, on the network. */
export function usersOf(engine: EngineContext, networkId: string): string[] {
  return [...engine.containers.values()]
    .filter(
      container =>
        container.holdsAddresses && container.record.endpoints.some(each => each.networkId === networkId),
    )
    .map(container => container.name)
}

/** Removes everything of a network, going on after an error; the record last, so that a retry finds the rest. */
export async function undoNetwork(engine: EngineContext, network: NetworkRecord): Promise<void> {
  engine.networks.markLeaving(network.id, true)
  try {
    await collectErrorsTogether(`remove network ${network.name}`, [
      () => removeBridge(engine, network),
      () => engine.names.remove(network.id),
      () => engine.firewall.apply(),
    ])
  } catch (error) {
    engine.networks.markLeaving(network.id, false)
    engine.names.keep(network.id)
    throw error
  }
  forgetOpening(engine, network.id)
  engine.networks.delete(network.id)
}

function predefined(name: string): Error {
  return failure({
    code: 'NETWORK_PREDEFINED',
    kind: 'unauthorized',
    summary: `${name} is a pre-defined network and cannot be removed`,
  })
}
