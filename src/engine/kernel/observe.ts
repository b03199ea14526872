import type { Drift } from '../../api/types/index.ts'
import { Failure } from '../../diagnostics/index.ts'
import { startTimeOf } from '../../linux/process-identity.ts'
import { HOST_OPS, type Inside, type Links, readInside, toldLinks } from '../../network/index.ts'
import { networkKey } from '../networks/predefined.ts'
import type { Container } from '../state/container.ts'
import type { EngineContext, KernelLooks } from '../state/context.ts'
import type { NetworkRecord } from '../state/network-record.ts'
import { CONTAINER_THINGS, LASTING_THINGS, NETWORK_THINGS } from './index.ts'
import { findFirstGeneration } from './listed-rules.ts'
import { seeSockets } from './listening.ts'
import { madeOf } from './made.ts'
import { see } from './seen.ts'
import type { ContainerSight, NetworkSight, Thing } from './thing.ts'

/**
 * What the kernel has otherwise than this engine set it up, for a container that should run, or is to when somebody comes. Nothing of one that is being
 * changed just now: half of a change is no drift.
 */
export async function observeContainer(
  engine: EngineContext,
  container: Container,
): Promise<readonly Drift[]> {
  const isSteady = (): boolean => stands(container) && !engine.locks.busy(container.id)
  if (!isSteady()) return []
  try {
    const round = await engine.looks.turn()
    const look = (isAgain: boolean): Promise<ContainerSight> =>
      seeContainer(engine, container, isAgain ? engine.looks : round)
    const sight = await seenOrAgain(look, isSteady)
    const found = await driftOf(thingsOf(container), sight, rightBy(container))
    return isSteady() ? [...found, ...unseenOf(sight)] : []
  } catch (error) {
    // It has ended meanwhile.
    if (error instanceof Failure && error.code === 'CONTAINER_NOT_RUNNING') return []
    throw error
  }
}

/** Whether something of a container is to be in the kernel. */
export function stands(container: Pick<Container, 'running' | 'restsWithoutProcess'>): boolean {
  return container.running || container.restsWithoutProcess
}

/** What that is: without a process it is what its next run stands on. */
export function thingsOf({
  restsWithoutProcess,
}: Pick<Container, 'restsWithoutProcess'>): readonly Thing<ContainerSight>[] {
  return restsWithoutProcess ? LASTING_THINGS : CONTAINER_THINGS
}

/** The same of a network. One that nobody uses has nothing in the kernel, as it should. */
export async function observeNetwork(
  engine: EngineContext,
  network: NetworkRecord,
): Promise<readonly Drift[]> {
  const isSteady = (): boolean =>
    engine.networks.find(network.id) !== undefined && !engine.locks.busy(networkKey(network))
  if (!isSteady()) return []
  const sight = await seenOrAgain(() => seeNetwork(engine, network), isSteady)
  const found = await driftOf(NETWORK_THINGS, sight)
  return isSteady() ? [...found, ...unseenOf(sight)] : []
}

type AnySight = Pick<ContainerSight, 'host'> & Partial<Pick<ContainerSight, 'made' | 'seen'>>

/** What ends, or changes, meanwhile fails a look, and is not steady any more; what is steady still is looked at once more. */
export async function seenOrAgain<Sight extends AnySight>(
  see: (isAgain: boolean) => Promise<Sight>,
  isSteady: () => boolean,
): Promise<Sight> {
  const sight = await see(false)
  return unseenOf(sight).length > 0 && isSteady() ? await see(true) : sight
}

/** That the kernel could not be asked is no drift, and not the same as none. */
export function unseenOf({ made, seen, host }: AnySight): readonly Drift[] {
  const isBlind = host === undefined || (made !== undefined && seen === undefined)
  // Nobody has told yet that it has ended.
  if (!isBlind || (made?.process !== undefined && startTimeOf(made.process.pid) !== made.process.startTime))
    return []
  return [{ Path: 'unseen', Want: 'as it was made', Got: 'not to be read', Repair: 'unseen' }]
}

/** What each thing was by when nothing of it had drifted. */
type RightBy<Sight> = Map<Thing<Sight>, readonly unknown[]>

const right = new WeakMap<Container, RightBy<ContainerSight>>()

function rightBy(container: Container): RightBy<ContainerSight> {
  const known = right.get(container) ?? new Map()
  right.set(container, known)
  return known
}

/** What things tell of, until one that the rest stands on has drifted. What is as in `rightBy` is not looked at, and what is right now is put there. */
export async function driftOf<Sight>(
  things: readonly Thing<Sight>[],
  sight: Sight,
  rightBy: RightBy<Sight> = new Map(),
): Promise<readonly Drift[]> {
  const all: Drift[] = []
  for (const thing of things) {
    const basis = thing.basis?.(sight)
    if (basis !== undefined && isSame(rightBy.get(thing), basis)) continue
    const found = basis !== undefined && thing.untouched?.(sight) === true ? [] : await thing.observe(sight)
    // Some know what they go by when they have observed.
    const by = found?.length === 0 ? (basis ?? thing.basis?.(sight)) : undefined
    if (by !== undefined) rightBy.set(thing, by.map(keep))
    all.push(...(found ?? []))
    if (found?.length && thing.isGround) break
  }
  return all
}

function isSame(before: readonly unknown[] | undefined, now: readonly unknown[]): boolean {
  return before !== undefined && now.every((each, at) => isEqual(each, before[at]))
}

function isEqual(one: unknown, other: unknown): boolean {
  return Buffer.isBuffer(one) && Buffer.isBuffer(other) ? one.equals(other) : one === other
}

/** A part of a reply would keep all of it. */
function keep(value: unknown): unknown {
  return Buffer.isBuffer(value) ? Buffer.from(value) : value
}

/** Looks at a container once; `round`: by which the host is looked at once for many. */
export async function seeContainer(
  engine: EngineContext,
  container: Container,
  round: Pick<KernelLooks, 'ask'> = engine.looks,
): Promise<ContainerSight> {
  const made = await madeOf(engine, container)
  const [host, sockets, seen, firstGeneration] = await Promise.all([
    seeHost(round),
    seeSockets(container, round),
    made && see(engine, container, made),
    findFirstGeneration(engine),
  ])
  return new Sight({ engine, container, made, seen, host, sockets, firstGeneration })
}

class Sight implements ContainerSight {
  readonly engine: EngineContext
  readonly container: Container
  readonly made: ContainerSight['made']
  readonly seen: ContainerSight['seen']
  readonly host: ContainerSight['host']
  readonly sockets: ContainerSight['sockets']
  readonly firstGeneration: ContainerSight['firstGeneration']
  #inside: Inside | undefined

  constructor({
    engine,
    container,
    made,
    seen,
    host,
    sockets,
    firstGeneration,
  }: Omit<ContainerSight, 'inside'>) {
    this.engine = engine
    this.container = container
    this.made = made
    this.seen = seen
    this.host = host
    this.sockets = sockets
    this.firstGeneration = firstGeneration
  }

  /** Made of the bytes when somebody asks for it. */
  get inside(): Inside | undefined {
    const { links, addresses, routes, routing, generation } = this.seen ?? {}
    if (links === undefined || addresses === undefined || routes === undefined) return undefined
    if (routing === undefined || generation === undefined) return undefined
    this.#inside ??= readInside([links, addresses, routes, routing, generation])
    return this.#inside
  }
}

/** Looks at a network once. */
export async function seeNetwork(engine: EngineContext, network: NetworkRecord): Promise<NetworkSight> {
  return { engine, network, host: await seeHost(engine.looks) }
}

/** Read once for all who ask in one moment, and for those who are told the same later. */
const read = new WeakMap<readonly Buffer[], Links>()
let before: { readonly outputs: readonly Buffer[]; readonly told: Links } | undefined

async function seeHost(looks: Pick<KernelLooks, 'ask'>): Promise<Links | undefined> {
  const outputs = await looks.ask(HOST_OPS)
  if (outputs === undefined) return undefined
  const known = read.get(outputs)
  if (known !== undefined) return known
  if (!isSame(before?.outputs, outputs)) {
    const { links, addresses } = readInside(outputs)
    before = { outputs: outputs.map(bytes => Buffer.from(bytes)), told: toldLinks(links, addresses) }
  }
  const told = before?.told
  if (told !== undefined) read.set(outputs, told)
  return told
}
