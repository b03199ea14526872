import type { Drift } from '../../api/types/index.ts'
import { Failure } from '../../diagnostics/index.ts'
import { HOST_OPS, insideOps, type Links, readInside, toldLinks } from '../../network/index.ts'
import { networkNamespaceOf } from '../groups/namespaces.ts'
import { networkKey } from '../networks/predefined.ts'
import type { Container } from '../state/container.ts'
import type { EngineContext } from '../state/context.ts'
import type { NetworkRecord } from '../state/network-record.ts'
import { CONTAINER_THINGS, NETWORK_THINGS } from './index.ts'
import type { ContainerSight, NetworkSight, Thing } from './thing.ts'

/**
 * What the kernel has otherwise than this engine set it up, for a container that should run. Nothing of one that is being changed just
 * now: half of a change is no drift.
 */
export async function observeContainer(
  engine: EngineContext,
  container: Container,
): Promise<readonly Drift[]> {
  const isSteady = (): boolean => container.running && !engine.locks.busy(container.id)
  if (!isSteady()) return []
  try {
    const found = await driftOf(CONTAINER_THINGS, await seeContainer(engine, container))
    return isSteady() ? found : []
  } catch (error) {
    // It has ended meanwhile.
    if (error instanceof Failure && error.code === 'CONTAINER_NOT_RUNNING') return []
    throw error
  }
}

/** The same of a network. One that nobody uses has nothing in the kernel, as it should. */
export async function observeNetwork(
  engine: EngineContext,
  network: NetworkRecord,
): Promise<readonly Drift[]> {
  const isSteady = (): boolean =>
    engine.networks.find(network.id) !== undefined && !engine.locks.busy(networkKey(network))
  if (!isSteady()) return []
  const found = await driftOf(NETWORK_THINGS, await seeNetwork(engine, network))
  return isSteady() ? found : []
}

/** What things tell of, until one that the rest stands on has drifted. */
export async function driftOf<Sight>(
  things: readonly Thing<Sight>[],
  sight: Sight,
): Promise<readonly Drift[]> {
  const all: Drift[] = []
  for (const thing of things) {
    const found = await thing.observe(sight)
    all.push(...found)
    if (found.length > 0 && thing.isGround) break
  }
  return all
}

/** Looks at a container once. */
export async function seeContainer(engine: EngineContext, container: Container): Promise<ContainerSight> {
  const [host, inside] = await Promise.all([
    seeHost(engine),
    hasOwnNetwork(container) ? engine.looks.ask(insideOps(networkNamespaceOf(container))) : undefined,
  ])
  return { engine, container, host, inside: inside && readInside(inside) }
}

/** Looks at a network once. */
export async function seeNetwork(engine: EngineContext, network: NetworkRecord): Promise<NetworkSight> {
  return { engine, network, host: await seeHost(engine) }
}

function hasOwnNetwork({ terms }: Container): boolean {
  return terms.network.mode.kind === 'network' || terms.network.mode.kind === 'none'
}

/** Read once for all who ask in one moment. */
const read = new WeakMap<readonly Buffer[], Links>()

async function seeHost({ looks }: EngineContext): Promise<Links | undefined> {
  const outputs = await looks.ask(HOST_OPS)
  if (outputs === undefined) return undefined
  const known = read.get(outputs)
  if (known !== undefined) return known
  const { links, addresses } = readInside(outputs)
  const told = toldLinks(links, addresses)
  read.set(outputs, told)
  return told
}
