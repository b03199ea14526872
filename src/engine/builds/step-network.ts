import { existsSync } from 'node:fs'
import { failure } from '../../diagnostics/index.ts'
import { allocateAddress, type Endpoint, needsRelay, newMacAddress } from '../../network/index.ts'
import { usedAddresses } from '../endpoints/addresses.ts'
import { readHostResolvConf } from '../endpoints/etc-files.ts'
import { claimNetwork } from '../networks/claim.ts'
import { networksOpened } from '../networks/opening.ts'
import { DEFAULT_BRIDGE } from '../networks/predefined.ts'
import type { NetworkNamespaceMode } from '../runtime/index.ts'
import type { EngineContext } from '../state/context.ts'
import type { NetworkRecord } from '../state/network-record.ts'
import type { ContainerTerms } from '../terms/index.ts'
import { joining } from '../terms/joined.ts'
import { addressOnly } from '../words/addresses.ts'
import { newId } from '../words/ids.ts'

/** A RUN step's network: on a bridge, or none of its own. */
export interface StepNetwork {
  readonly net: NetworkNamespaceMode
  readonly endpoint?: Endpoint
}

/** What systemd-resolved, which listens at a loopback address, asks itself. */
const BEHIND_RESOLVED = '/run/systemd/resolve/resolv.conf'

/** The host's resolver configuration for a step with a network of its own: where that names loopback addresses alone, of those behind them. */
export function stepResolvConf(): string {
  const host = readHostResolvConf()
  return needsRelay({ host }) && existsSync(BEHIND_RESOLVED) ? readHostResolvConf(BEHIND_RESOLVED) : host
}

/**
 * `default` is the default bridge; when the host's name servers are all at loopback addresses, which only a relay could
 * reach from there, the step has the host's network instead, as other builders do on such hosts.
 */
export async function withNetwork<T>(
  engine: EngineContext,
  { network: { mode } }: Pick<ContainerTerms, 'network'>,
  task: (network: StepNetwork) => Promise<T>,
): Promise<T> {
  if (mode.kind === 'none') return await task({ net: { kind: 'private' } })
  const isDefault = mode.kind === 'network' && mode.network === DEFAULT_BRIDGE.name
  if (mode.kind === 'host' || (isDefault && needsRelay({ host: stepResolvConf() }))) {
    return await task({ net: { kind: 'host' } })
  }
  if (isDefault) return await asGuest(engine, DEFAULT_BRIDGE, task)
  // A step cannot join another container: no network has such a name.
  const name = mode.kind === 'container' ? joining(mode.reference) : mode.network
  return await asGuest(engine, engine.networks.resolve(name), task)
}

/** Holds an address of the network while the task runs. */
async function asGuest<T>(
  engine: EngineContext,
  wanted: Pick<NetworkRecord, 'id' | 'name'>,
  task: (network: StepNetwork) => Promise<T>,
): Promise<T> {
  const { network, address } = await claimNetwork(engine, wanted, network => ({
    network,
    address: takeAddress(engine, network),
  }))
  const guests = engine.networks.guestsOf(network.id)
  try {
    const endpoint: Endpoint = {
      id: newId(),
      network,
      interfaceName: 'eth0',
      macAddress: newMacAddress({ networkId: network.id, address }),
      addresses: [address],
      // A step has no name that anybody would look for.
      of: { container: 'build', engineId: engine.paths.engineId },
    }
    await networksOpened(engine, [network.id])
    return await task({ net: { kind: 'private' }, endpoint })
  } finally {
    guests.delete(addressOnly(address))
  }
}

/** An address that is the build's until it is taken out of the network's guests. BUILD_NETWORK. */
function takeAddress(engine: EngineContext, network: NetworkRecord): string {
  const address = allocateAddress(network.subnets, { family: 4, used: usedAddresses(engine, network.id) })
  if (address === undefined) {
    throw failure({
      code: 'BUILD_NETWORK',
      kind: 'invalidArgument',
      summary: `network ${network.name} has no IPv4 address for a build`,
    })
  }
  engine.networks.guestsOf(network.id).add(addressOnly(address))
  return address
}
