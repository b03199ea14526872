import type { Drift } from '../../api/types/index.ts'
import { failure } from '../../diagnostics/index.ts'
import { networkKey } from '../networks/predefined.ts'
import type { Container } from '../state/container.ts'
import type { EngineContext } from '../state/context.ts'
import type { NetworkRecord } from '../state/network-record.ts'
import { NETWORK_THINGS } from './index.ts'
import { driftOf, seeContainer, seeNetwork, stands, thingsOf } from './observe.ts'
import { type Thing, tells } from './thing.ts'

/**
 * Puts right what of a container that runs, or sleeps without a process, has drifted at these paths, where it stands, and says what that was. What is right by now is none of its work,
 * and one that has ended has nothing. The caller has its lock. REPAIR_FAILED.
 */
export async function repairContainer(
  engine: EngineContext,
  container: Container,
  paths: readonly string[],
): Promise<readonly Drift[]> {
  if (!stands(container)) return []
  return await repair(`container ${container.name}`, thingsOf(container), paths, () =>
    seeContainer(engine, container),
  )
}

/** The same under its lock. */
export function repairAlone(
  engine: EngineContext,
  container: Container,
  paths: readonly string[],
): Promise<readonly Drift[]> {
  return engine.locks.run(container.id, () => repairContainer(engine, container, paths))
}

/** The same of a network, under its lock. */
export async function repairNetwork(
  engine: EngineContext,
  network: NetworkRecord,
  paths: readonly string[],
): Promise<readonly Drift[]> {
  return await engine.locks.run(networkKey(network), async () => {
    if (engine.networks.find(network.id) === undefined) return []
    return await repair(`network ${network.name}`, NETWORK_THINGS, paths, () => seeNetwork(engine, network))
  })
}

/**
 * What comes to light by a repair is put right as well: what was hidden by what has been in the place of it, or the kernel has begun anew with, as the settings of IPv6
 * of a bridge that was too small for it.
 */
async function repair<Sight>(
  what: string,
  things: readonly Thing<Sight>[],
  paths: readonly string[],
  see: () => Promise<Sight>,
): Promise<readonly Drift[]> {
  const sight = await see()
  const all = placesIn(await driftOf(things, sight))
  const drift = all.filter(({ Path }) => paths.includes(Path))
  if (drift.length === 0) return []
  await mend(things, sight, drift)
  const next = await see()
  const then = placesIn(await driftOf(things, next))
  const caused = then.filter(({ Path }) => !all.some(before => before.Path === Path))
  if (caused.length > 0) await mend(things, next, caused)
  const last = caused.length > 0 ? placesIn(await driftOf(things, await see())) : then
  const mended = [...drift, ...caused]
  const still = last.filter(({ Path }) => mended.some(each => each.Path === Path))
  if (still.length > 0) throw staysSo(what, still)
  return mended
}

function placesIn(drift: readonly Drift[]): Drift[] {
  return drift.filter(({ Repair }) => Repair === 'place')
}

async function mend<Sight>(
  things: readonly Thing<Sight>[],
  sight: Sight,
  drift: readonly Drift[],
): Promise<void> {
  for (const thing of things) {
    const own = drift.filter(each => tells(thing, each))
    if (own.length > 0) await thing.repair?.(sight, own)
  }
}

/** Somebody undoes it, or the kernel has it otherwise than it said. */
function staysSo(what: string, drift: readonly Drift[]): Error {
  const told = drift.map(({ Path, Want, Got }) => `${Path} is ${Got}, not ${Want}`)
  return failure({
    code: 'REPAIR_FAILED',
    kind: 'internal',
    summary: `${what} is as before the repair: ${told.join('; ')}`,
    hint: 'somebody may be undoing it; a new container has it right: up --force-recreate',
  })
}
