import { readdirSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Failure, messageOf } from '../../diagnostics/index.ts'
import { removeTree } from '../../native/index.ts'
import { publishContainerEvent } from '../events/container-event.ts'
import { repairNetworks } from '../networks/claim.ts'
import { sweepDefaultBridge } from '../networks/default-bridge.ts'
import type { EngineContext } from '../state/context.ts'
import { discard } from '../state/discards.ts'
import { type Leftovers, readRemoved } from '../state/load-containers.ts'
import { buildsFolder, containerPaths } from '../state/paths.ts'
import { sweepFileSystems } from '../volumes/file-systems.ts'

/**
 * Sets right what can wait until after the first answer: what removals left that were cut off, networks, the firewall's
 * table, names. What fails is a warning. `closing`: from then on all is the next engine's.
 */
export async function repairLeftovers(
  engine: EngineContext,
  leftovers: Leftovers,
  closing: AbortSignal,
): Promise<void> {
  const steps: (() => Promise<unknown>)[] = [
    // Both look at what is there before they wait for anything: what is begun later is no leftover.
    () => Promise.all([sweepLeftovers(engine, leftovers.folders), sweepSteps(engine)]),
    () => tellRemovals(engine, leftovers.untold),
    () => sweepFileSystems(engine),
    () => discard(engine, engine.volumes.removed),
    () => sweepDefaultBridge(engine),
    () => repairNetworks(engine),
    () => (engine.networks.values().length > 0 ? engine.firewall.apply() : Promise.resolve()),
    () => engine.names.sweep(),
    () => engine.names.update(engine.networks.values().map(network => network.id)),
    () => spreadContainers(engine),
  ]
  for (const step of steps) {
    if (closing.aborted) return
    try {
      await step()
    } catch (error) {
      engine.warn({ severity: 'warning', code: 'REPAIR', summary: messageOf(error) })
    }
  }
}

/** Removes what creates and removals that a crash cut off left: folders without a record, groups without a container. */
async function sweepLeftovers(engine: EngineContext, leftovers: readonly string[]): Promise<void> {
  const unknown = engine.host.cgroups.list().filter(id => engine.containers.find(id) === undefined)
  await Promise.all(
    [...new Set([...leftovers, ...unknown])].map(async id => {
      const paths = containerPaths(engine.paths, id)
      try {
        await endStranger(engine, paths.socket)
        await engine.host.cgroups.remove(id)
        await rm(paths.runFolder, { recursive: true, force: true })
        await removeTree(paths.folder)
      } catch (error) {
        engine.warn({ severity: 'warning', code: 'SWEEP', summary: `leftover ${id}: ${messageOf(error)}` })
      }
    }),
  )
}

/** Once nothing is left of them. */
async function tellRemovals(engine: EngineContext, ids: readonly string[]): Promise<void> {
  for (const id of ids) {
    const record = readRemoved(engine.paths, id)
    if (record !== undefined) publishContainerEvent(engine, { record }, 'destroy')
    await rm(containerPaths(engine.paths, id).removed, { force: true })
  }
}

/** Removes what RUN steps had mounted when an engine was killed. */
async function sweepSteps({ paths }: EngineContext): Promise<void> {
  const folder = buildsFolder(paths)
  const left = readdirSync(folder)
  await Promise.all(left.map(name => rm(join(folder, name), { recursive: true, force: true })))
}

/** A monitor whose container has no record any more must not restart it. */
async function endStranger(engine: EngineContext, socket: string): Promise<void> {
  try {
    const connection = await engine.native.connectMonitor(socket)
    await connection.signal(9, { manual: true })
    connection.close()
  } catch (error) {
    if (!(error instanceof Failure)) throw error
  }
}

/**
 * Has the disk put containers' folders apart. Where one is removed, ext4 keeps its inodes free for a while, and who makes a file beside it looks
 * at each of them: in the only group of a hundred containers that had come and gone, that was an eighth of the next `up`.
 */
async function spreadContainers({ native, paths }: EngineContext): Promise<void> {
  const path = join(paths.root, 'containers')
  await native.run({
    outside: [
      { op: 'open', slot: 0, path, kind: 'folder' },
      { op: 'spreadFolders', slot: 0 },
    ],
  })
}
