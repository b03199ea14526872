import { setTimeout as sleep } from 'node:timers/promises'
import { Failure, failure, undo } from '../../diagnostics/index.ts'
import { nativeErrorOf } from '../../native/index.ts'
import { holdRefusalsOp, publishOps } from '../../network/index.ts'
import { publishContainerEvent } from '../events/container-event.ts'
import { networkFileOf, sharersOf } from '../groups/kept-network.ts'
import type { Container } from '../state/container.ts'
import type { EngineContext } from '../state/context.ts'
import { reliefsAmong } from '../state/relief.ts'
import { choosePorts, publishableOf, publishedTargets } from './ports.ts'
import { publishOnNetworks, takesPorts } from './republish.ts'
import { tellShortcut } from './shortcut.ts'
import { peersOf, socketsOf } from './sockets.ts'

/** How the monitor tells that nobody listens at another's socket, or that it has gone over its answer. */
const GONE: readonly string[] = ['ENOENT', 'ECONNREFUSED', 'ECONNRESET', 'EPIPE']
/** Between two looks. */
const LOOK_MILLISECONDS = 100
/** Who has asked for a name keeps the answer for two seconds (`TTL` in native/relay/dns-wire.c), and connects then. */
const NAMES_MILLISECONDS = 2_500

/** The one that a container waits beside. RELIEF_IMPOSSIBLE. */
export function relievedBy(containers: EngineContext['containers'], container: Container): Container {
  const { relief, replaces = '' } = container.record
  const old = containers.find(replaces)
  if (relief !== 'waiting' || old === undefined) throw impossible(container, 'it waits beside no other one')
  if (!container.running || container.paused) throw impossible(container, 'it does not run')
  return old
}

/**
 * Gives a container the names and the ports of the one that it waits beside, all or none; the caller holds the locks of both. Who connects meanwhile
 * reaches one or the other; who is connected to the one before stays so. RELIEF_IMPOSSIBLE, RELIEF_NOT_LISTENING; PORT_IN_USE and the like of
 * ports that the other has not.
 */
export async function relieve(engine: EngineContext, container: Container, old: Container): Promise<void> {
  await checkListens(container, old)
  const { published } = container.terms.ports
  await engine.locks.run('ports', () =>
    engine.localNames.giveWay(published, () => take(engine, container, old)),
  )
  try {
    await tell(engine, container, old)
  } catch (error) {
    await undo(engine, `have ${container.name} relieve ${old.name}`, [() => giveBack(engine, container, old)])
    throw error
  }
  // Until here both have taken who came.
  await withholdPorts(old)
  await tellShortcut(engine, container)
  old.saveRun({ ports: [] })
  publishContainerEvent(engine, container, 'relieve', { relieved: old.name })
}

async function take(engine: EngineContext, container: Container, old: Container): Promise<void> {
  const requests = publishableOf(engine, container, container.terms.ports.published)
  const { ports: has } = old.record
  const before = old.terms.ports.published
  const ports = await choosePorts(engine, container, requests, { has, before, holder: old })
  const targets = publishedTargets(engine, container, ports)
  if (targets.length > 0 && !takesPorts(container)) throw impossible(container, 'it has no relay for ports')
  if (targets.length > 0) await publishFrom(old, container, publishOps(targets))
  container.saveRun({ ports })
  container.save({ relief: 'serving' })
  container.published = targets
  old.draining = old.published.filter(({ protocol }) => protocol === 'tcp')
  old.published = []
}

/** One that has ended over it has left its ports to whoever comes. */
async function publishFrom(
  old: Container,
  { live }: Container,
  ports: ReturnType<typeof publishOps>,
): Promise<void> {
  try {
    await live?.connection.takePorts(ports, old.paths.socket)
  } catch (error) {
    if (!GONE.includes(nativeErrorOf(error)?.errno ?? '')) throw error
    await live?.connection.setPorts(ports)
  }
}

/** The kernel's rules and the names follow what is in the records. */
async function tell(engine: EngineContext, container: Container, old: Container): Promise<void> {
  const networks = [container, old].flatMap(({ record }) => record.endpoints.map(each => each.networkId))
  const known = [...new Set(networks)].filter(id => engine.networks.find(id) !== undefined)
  await engine.firewall.apply()
  await engine.names.update(known)
}

async function giveBack(engine: EngineContext, container: Container, old: Container): Promise<void> {
  container.save({ relief: 'waiting' })
  container.published = []
  container.saveRun({ ports: [] })
  old.published = publishedTargets(engine, old)
  old.draining = []
  await withholdPorts(container)
  await tell(engine, container, old)
}

/** Has nobody come to a container by ports of the host any more; who has come already stays. One without a relay has none. */
export async function withholdPorts({ live }: Container): Promise<void> {
  try {
    await live?.connection.setPorts([])
  } catch (error) {
    if (error instanceof Failure && error.code === 'MONITOR_GONE') return
    if (nativeErrorOf(error)?.errno !== 'ENOTCONN') throw error
  }
}

/**
 * Has one that runs publish its ports again where the container that had relieved it is gone, and no other has its place: it has its names again by that.
 * The caller holds the lock of the one that is gone.
 */
export async function standIn(engine: EngineContext, gone: Container): Promise<void> {
  const { relief, replaces = '' } = gone.record
  const before = relief === 'serving' ? engine.containers.find(replaces) : undefined
  if (before === undefined) return
  await engine.locks.run(before.id, async () => {
    if (!before.running || reliefsAmong(engine.containers.values()).isAside(before)) return
    before.draining = []
    await publishOnNetworks(engine, before)
  })
}

/** Where TCP connections of a container that was relieved may still go, after the ports that they came by have gone to the other. */
export function drainingOf(engine: EngineContext, old: Container): Container['draining'] {
  const all = [...engine.containers.values()]
  if (!reliefsAmong(all).isRelieved(old)) return []
  const serving = all.filter(({ record }) => record.relief === 'serving' && record.replaces === old.id)
  return serving
    .flatMap(({ record }) => publishedTargets(engine, old, record.ports))
    .filter(({ protocol }) => protocol === 'tcp')
}

/** A program that has started need not listen yet: whoever came would be refused. Of ports that others know of, where the one before listens. */
async function checkListens(container: Container, old: Container): Promise<void> {
  const [has, had] = await Promise.all([socketsOf(container), socketsOf(old)])
  const { published } = container.terms.ports
  const exposed = Object.keys(container.record.config.ExposedPorts ?? {})
  const known = [
    ...published.flatMap(each => (each.protocol === 'tcp' ? [each.containerPort] : [])),
    ...exposed.flatMap(text => (text.endsWith('/udp') ? [] : [Number.parseInt(text, 10)])),
  ]
  const missing = known.find(port => had.listening.has(port) && !has.listening.has(port))
  if (missing !== undefined) throw notListening(container, missing)
}

/**
 * Waits until nobody is connected to a container any more that has been relieved, for so many seconds at most, and in any case until nobody has
 * its address from a name. Without `seconds` it is its grace period. From then on it refuses nobody: who has looked it up once tries again, and finds
 * at its address the one that has taken its place.
 */
export async function drain(
  engine: Pick<EngineContext, 'containers' | 'native'>,
  container: Container,
  seconds: number = container.terms.stop.grace,
): Promise<void> {
  await untilLeft(container, seconds)
  const file = networkFileOf(engine.containers, container)
  const isRelieved = reliefsAmong(engine.containers.values()).isRelieved(container)
  // Who shares its network stays there.
  const isAlone = !sharersOf(engine.containers).has(container)
  if (!container.running || !isRelieved || !isAlone || file === undefined) return
  try {
    await engine.native.run({ setup: [{ ...file, op: 'openNetns' }, holdRefusalsOp()] })
  } catch (error) {
    // It has ended meanwhile.
    if (container.running) throw error
  }
}

async function untilLeft(container: Container, seconds: number): Promise<void> {
  const begun = performance.now()
  const most = seconds < 0 ? Number.POSITIVE_INFINITY : seconds * 1000
  for (;;) {
    const passed = performance.now() - begun
    if (!container.running || passed >= most) return
    if (passed >= NAMES_MILLISECONDS && (await peersOf(container)).length === 0) return
    await sleep(LOOK_MILLISECONDS)
  }
}

function impossible({ name }: Container, why: string): Failure {
  return failure({
    code: 'RELIEF_IMPOSSIBLE',
    kind: 'conflict',
    summary: `container ${name} cannot take the place of another one that runs: ${why}`,
  })
}

function notListening({ name }: Container, port: number): Failure {
  return failure({
    code: 'RELIEF_NOT_LISTENING',
    kind: 'unavailable',
    summary: `container ${name} does not listen on port ${port}, where the one before does`,
    hint: 'see whether it listens on all addresses, not on 127.0.0.1 alone; give its service a health check',
  })
}
