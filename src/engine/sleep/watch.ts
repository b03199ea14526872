import { setTimeout as pause } from 'node:timers/promises'
import { Failure } from '../../diagnostics/index.ts'
import { isUnknownToMonitor, nativeErrorOf, type SleepRequest } from '../../native/index.ts'
import { COMERS, holdRefusals, letRefusalsGo, SENDERS } from '../../network/index.ts'
import { peersOf, socketsOf } from '../endpoints/sockets.ts'
import type { Container } from '../state/container.ts'
import type { EngineContext } from '../state/context.ts'
import type { SleepTerms } from '../terms/sleep.ts'
import { addressesOf } from '../words/addresses.ts'
import { wakeContainer } from './wake.ts'

type SleepContext = Pick<EngineContext, 'containers' | 'locks' | 'warn'>

/** Looks within each of its times, and the least and most milliseconds between two. */
const LOOKS = 4
const SOONEST = 250
const LATEST = 15_000

/** A grace without end is none for who sleeps: a client may come at any time. */
const ENDLESS_GRACE = 60_000

/**
 * Has a container sleep by its terms, from now on until it ends or is watched by other terms. When, the engine decides, and none does while there is no engine; that it
 * wakes is its monitor's doing.
 */
export function watchSleep(engine: SleepContext, container: Container): void {
  container.sleepWatch?.abort()
  container.sleepWatch = undefined
  const { live } = container
  const { sleep } = container.terms
  if (sleep === undefined || live === undefined) return
  const over = new AbortController()
  container.sleepWatch = over
  void live.settled.then(() => over.abort())
  watchUntil(engine, container, sleep, over.signal).catch(error => {
    if (!(error instanceof Failure)) throw error
    if (over.signal.aborted || error.code === 'MONITOR_GONE') return
    const reason = isUnknownToMonitor(error) ? 'it was started by an older release' : error.message
    const summary = `${container.name} does not sleep: ${reason}`
    engine.warn({ severity: 'warning', code: 'SLEEP_IMPOSSIBLE', summary })
  })
}

async function watchUntil(
  engine: SleepContext,
  container: Container,
  { freeze, stop }: SleepTerms,
  signal: AbortSignal,
): Promise<void> {
  const between = Math.min(LATEST, Math.max(SOONEST, Math.min(freeze, stop ?? freeze) / LOOKS))
  let since = performance.now()
  let slept = false
  while (!signal.aborted) {
    await pause(between)
    if (signal.aborted) return
    const now = performance.now()
    const sleeps = container.asleep
    const isBusy = !sleeps && !(await isQuiet(engine, container))
    if (sleeps !== slept || isBusy) since = now
    slept = sleeps
    if (!sleeps && now - since >= freeze) await fallAsleep(engine, container, freezing)
    else if (sleeps && container.running && stop !== undefined && now - since >= stop)
      await fallAsleep(engine, container, ending)
  }
}

/** Nobody has come since the last look, and nobody is there who has come before. */
async function isQuiet(engine: SleepContext, container: Container): Promise<boolean> {
  if (!isIdle(engine, container)) return false
  // First this, so that whoever comes from here on is heard of.
  if (!(await ask(container, { ask: 'watch', filter: COMERS }))) return false
  const { listening, peers } = await socketsOf(container)
  return hasBegun(container, listening) && peersAwake(engine, peers) === 0
}

/** One that is still about to listen would be found frozen by its first client, and refuse him. */
function hasBegun({ published }: Container, listening: ReadonlySet<number>): boolean {
  const ports = published.filter(({ protocol }) => protocol === 'tcp')
  return ports.length === 0 || ports.some(({ containerPort }) => listening.has(containerPort))
}

function isIdle({ locks }: Pick<SleepContext, 'locks'>, container: Container): boolean {
  const { running, paused, users, health, id } = container
  return running && !paused && users.size === 0 && health?.status !== 'starting' && !locks.busy(id)
}

/** Connections to its ports, but for those of containers that sleep themselves: these wake it when they go on. */
function peersAwake({ containers }: Pick<SleepContext, 'containers'>, peers: readonly string[]): number {
  if (peers.length === 0) return 0
  const asleep = [...containers.values()].filter(each => each.asleep)
  const theirs = new Set(asleep.flatMap(({ record }) => addressesOf(record.endpoints)))
  return peers.filter(peer => !theirs.has(peer)).length
}

type Falling = (container: Container) => Promise<SleepRequest | undefined>

/** Under its lock, so that nobody does anything with it meanwhile; who comes just now is heard by the monitor, which then lets it be. */
async function fallAsleep(engine: SleepContext, container: Container, by: Falling): Promise<void> {
  await engine.locks.run(container.id, async () => {
    if (!container.running || container.paused || container.users.size > 0) return
    const request = await by(container)
    if (request !== undefined) await ask(container, request)
    // Who has come in just now does so by no packet.
    if (container.users.size > 0) await wakeContainer(container)
  })
}

const freezing: Falling = async container =>
  container.asleep ? undefined : { ask: 'freeze', filter: SENDERS }

/** Connections would end with it, also those that stand still themselves. */
const ending: Falling = async container => {
  if (!container.asleep || (await peersOf(container)).length > 0) return undefined
  const { signal, grace } = container.terms.stop
  const milliseconds = grace < 0 ? ENDLESS_GRACE : grace * 1000
  return { ask: 'end', signal, grace: milliseconds, hold: holdRefusals(), release: letRefusalsGo() }
}

/** One whose state is another by now is asked again at the next look. */
async function ask({ live }: Container, request: SleepRequest): Promise<boolean> {
  try {
    return (await live?.connection.sleep(request)) ?? false
  } catch (error) {
    if (nativeErrorOf(error)?.errno === 'EBUSY') return false
    throw error
  }
}
