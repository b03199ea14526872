import { mkdirSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { Failure, failure, messageOf, spans } from '../../../diagnostics/index.ts'
import { isAlive, readBootId } from '../../../linux/process-identity.ts'
import { monitorOf } from '../../../native/index.ts'
import { makeNamesFolder } from '../../../network/index.ts'
import { isInHostRules } from '../../endpoints/addresses.ts'
import { readHostResolvConf, writeEtcFiles } from '../../endpoints/etc-files.ts'
import { kernelEndpoints } from '../../endpoints/joined.ts'
import { prepareNetwork } from '../../endpoints/prepare.ts'
import { buildNetworkProgram, contentOf } from '../../endpoints/program.ts'
import { awaitRoom } from '../../endpoints/room.ts'
import { tellShortcut } from '../../endpoints/shortcut.ts'
import { tellSilentNames } from '../../front/silent.ts'
import { keptNetwork, letGo } from '../../groups/kept-network.ts'
import { labelsOf } from '../../groups/labels.ts'
import { joinedBy } from '../../groups/namespaces.ts'
import { startBeside } from '../../groups/replacement.ts'
import { mappingOf } from '../../groups/user-mapping.ts'
import { withOwner } from '../../mounts/bind-owner.ts'
import { prepareMounts } from '../../mounts/prepare.ts'
import { relabelMounts } from '../../mounts/relabel.ts'
import { namesFilesOf } from '../../names/own.ts'
import { networksOpened } from '../../networks/opening.ts'
import { resolveUser } from '../../rootfs/index.ts'
import { exitCodeOfFailure } from '../../runtime/exit-code.ts'
import { compileContainer, confinementOf, type RuntimeSpec } from '../../runtime/index.ts'
import { keepAwake } from '../../sleep/wake.ts'
import type { Container } from '../../state/container.ts'
import type { StateRecord } from '../../state/container-record.ts'
import type { EngineContext } from '../../state/context.ts'
import { Live } from '../../state/live.ts'
import { warningOf } from '../../state/notices.ts'
import type { RunIds } from '../../state/user-namespaces.ts'
import { clearRun, clearVolatile } from './clear-run.ts'
import { rememberRun, watchMonitor } from './monitor-status.ts'
import { buildSpec } from './spec.ts'

const MONITOR_END_MILLISECONDS = 2_000

/**
 * Starts a container that does not run; the caller holds its lock. Whatever fails, everything is undone, the reason is
 * in the record, and the exit code is Docker's (127 command not found, 126 not executable, 128 all else). `restarts`: how
 * often its policy has started it before, this time included; a start by hand counts anew.
 */
export async function startRun(engine: EngineContext, container: Container, restarts: number): Promise<Live> {
  checkStartable(container)
  if ((container.record.state.restartsBefore ?? 0) !== restarts)
    container.saveState({ restartsBefore: restarts })
  await container.cleanup
  startBeside(engine.containers, container)
  container.starting = true
  container.isCleared = false
  try {
    const live = await keepAwake(joinedBy(engine.containers, container), async () => {
      const prepared = await spans.during('prepare the start', () => prepare(engine, container))
      return await spans.during('launch', () => launch(engine, container, prepared))
    })
    await tellSilentNames(engine, container)
    return live
  } catch (error) {
    await undoStart(engine, container, error)
    throw error
  } finally {
    container.starting = false
    // The monitor has it now, or nobody will.
    letGo(container)
  }
}

function checkStartable(container: Container): void {
  if (container.removing) {
    throw failure({
      code: 'CONTAINER_REMOVING',
      kind: 'conflict',
      summary: `container ${container.name} is being removed`,
    })
  }
  if (container.paused) {
    throw failure({
      code: 'CONTAINER_PAUSED',
      kind: 'conflict',
      summary: 'cannot start a paused container, try unpause instead',
    })
  }
  if (container.live !== undefined) {
    throw failure({
      code: 'CONTAINER_RUNNING',
      kind: 'notModified',
      summary: `container ${container.name} is already running`,
    })
  }
}

interface Prepared {
  readonly spec: RuntimeSpec
  readonly ids: RunIds
}

/** Everything that the container needs outside of itself, and its description. */
async function prepare(engine: EngineContext, container: Container): Promise<Prepared> {
  const { imageId } = container.record
  clearVolatile(container)
  const [joined, layers, highestId, database] = await Promise.all([
    prepareNetwork(engine, container),
    engine.images.layersOf(imageId),
    engine.images.highestIdOf(imageId),
    engine.users.ofContainer(imageId, container.paths),
  ])
  const { user: given, groupAdd } = container.terms.process
  const user = resolveUser(given, database, groupAdd)
  const { mounts, ...owner } = await withOwner(
    engine,
    container,
    await prepareMounts(engine, container),
    user,
  )
  const resolvConf = readHostResolvConf()
  const etc = writeEtcFiles(engine, container, joined, resolvConf)
  const apparmor = confinementOf(container.terms.security, engine.host)
  const labels = labelsOf(engine, container)
  if (labels !== undefined) await relabelMounts(engine, container, mounts, labels)
  const { ids, namespace } = await mappingOf(engine, container, {
    terms: container.terms,
    user,
    mounts,
    ...owner,
    highestId,
  })
  const kept = keptNetwork(engine.containers, container, ids)
  container.heldNetwork = kept
  if (kept === undefined) await awaitRoom(engine, kernelEndpoints(container, joined))
  const content = kept === undefined ? undefined : await contentOf(engine, kept.file)
  const network = buildNetworkProgram(engine, container, joined, resolvConf, content)
  const spec = buildSpec(engine, container, {
    layers,
    mounts,
    ...owner,
    etc,
    user,
    network,
    ...(namespace === undefined ? {} : { userNamespace: namespace }),
    ...(apparmor === undefined ? {} : { apparmor }),
    labels,
    ...(kept === undefined ? {} : { keptNetwork: kept.file }),
  })
  tellHostIds(engine, container, ids)
  const told = engine.host.cgroups.lost(spec.limits, container.terms.group.budget)
  for (const summary of engine.host.cgroups.ensure(container.id, spec.limits)) {
    // Whoever made the container has heard of it.
    if (told.includes(summary)) continue
    engine.warn(warningOf(container, { code: 'LIMIT_LOST', summary: `${container.name}: ${summary}` }))
  }
  // The relay opens the networks' folders when the monitor starts; their content may follow until the payload does.
  for (const id of namesFilesOf(container)) makeNamesFolder(engine.paths.run, id)
  return { spec, ids }
}

/** Once a container and reason, not at each of its starts. */
function tellHostIds(engine: EngineContext, container: Container, ids: RunIds): void {
  if (!('reason' in ids) || ids.asked === true || ids.ofMachine === true) return
  const { ids: before } = container.record.state
  if (before !== undefined && 'reason' in before && before.reason === ids.reason) return
  const summary = `${container.name} runs with the host's users, not in a user namespace: ${ids.reason}`
  engine.warn(warningOf(container, { code: 'USERNS_HOST', summary }))
}

function updateNames(engine: EngineContext, container: Container): Promise<void> {
  return engine.names.update(networksOf(container))
}

function networksOf(container: Container): string[] {
  return container.record.endpoints.map(endpoint => endpoint.networkId)
}

/** Monitor up, firewall open, waiting clients joined, and only then the payload. */
async function launch(engine: EngineContext, container: Container, { spec, ids }: Prepared): Promise<Live> {
  mkdirSync(container.paths.runFolder, { recursive: true, mode: 0o700 })
  const program = compileContainer(spec, engine.host)
  const [monitor, ...others] = await Promise.allSettled([
    (async () => {
      await engine.native.startMonitor(program)
      const connection = await engine.native.connectMonitor(container.paths.socket)
      return new Live(connection, () => Promise.resolve(spec), true)
    })(),
    isInHostRules(container) ? engine.firewall.apply() : undefined,
    spans.during('networks opened', () => networksOpened(engine, networksOf(container))),
    updateNames(engine, container),
  ])
  // Even when something else failed: whoever undoes the start must know of the monitor.
  if (monitor.status === 'fulfilled') container.live = monitor.value
  for (const part of others) if (part.status === 'rejected') throw part.reason
  if (monitor.status === 'rejected') throw monitor.reason
  const live = monitor.value
  const apparmor = (engine.host.apparmor && spec.security.apparmor) ?? ''
  const { labels } = spec.security
  container.saveState({ bootId: readBootId(), apparmor, labels, manuallyStopped: false, error: '', ids })
  const watching = watchMonitor(engine, container, live)
  if (container.pendingAttaches.size > 0) await watching.subscribed
  for (const pending of container.pendingAttaches) {
    await pending.join(() => engine.native.connectMonitor(container.paths.socket))
  }
  container.pendingAttaches.clear()
  await tellShortcut(engine, container)
  // Asked for behind each other in one moment: the monitor tells whoever has subscribed before it starts anything.
  await spans.during('native payload', () => Promise.all([watching.subscribed, live.connection.start()]))
  await watching.started
  return live
}

/**
 * A monitor whose engine goes away before `start` ends by itself, and so does one whose start failed. It is waited for:
 * it holds the published ports, which the next start may want.
 */
async function endMonitor(live: Live): Promise<void> {
  live.connection.close()
  const { status } = live
  const end = performance.now() + MONITOR_END_MILLISECONDS
  while (status && isAlive(monitorOf(status)) && performance.now() < end) await sleep(2)
  live.settle()
}

function reasonOf(error: unknown): Pick<StateRecord, 'error' | 'failure'> {
  const { code = 'INTERNAL', facts } = (error instanceof Failure ? error.diagnostics[0] : undefined) ?? {}
  return { error: messageOf(error), failure: { code, ...(facts === undefined ? {} : { facts }) } }
}

async function undoStart(engine: EngineContext, container: Container, error: unknown): Promise<void> {
  const { live } = container
  container.live = undefined
  container.starting = false
  for (const pending of container.pendingAttaches) pending.fail(error)
  container.pendingAttaches.clear()
  if (live !== undefined) await endMonitor(live)
  rememberRun(engine, container, {
    ports: [],
    state: { ...container.record.state, ...reasonOf(error), exitCode: exitCodeOfFailure(error) },
  })
  // Behind that of a monitor which has ended meanwhile: it would clear away what the next start makes.
  const before = container.cleanup
  container.cleanup = (async () => {
    await before
    await clearRun(engine, container)
  })()
  await container.cleanup
}
