import { existsSync, rmdirSync, rmSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { collectErrorsTogether, errnoOf, failure, messageOf } from '../../../diagnostics/index.ts'
import { readBootId } from '../../../linux/process-identity.ts'
import { isInHostRules } from '../../endpoints/addresses.ts'
import { pruneUnfollowed } from '../../logs/prune.ts'
import type { Container } from '../../state/container.ts'
import type { EngineContext } from '../../state/context.ts'
import { forgetProcServer } from '../../state/folders.ts'
import { releaseFileSystems } from '../../volumes/file-systems.ts'
import { addressesOf } from '../../words/addresses.ts'

/**
 * Clears away what a run leaves outside of the container's folder: names, firewall rules, cgroups, sockets. The network
 * namespace and its veths go with the monitor. What cannot be removed is a warning: the next start or `rm` tries again.
 */
export async function clearRun(engine: EngineContext, container: Container): Promise<void> {
  const wasInRules = isInHostRules(container) || container.draining.length > 0
  container.published = []
  container.draining = []
  const networks = container.record.endpoints.map(endpoint => endpoint.networkId)
  try {
    await collectErrorsTogether(`clear up after ${container.name}`, [
      () => clearOutside(engine, container),
      () =>
        engine.names.update([container.id, ...networks.filter(id => engine.networks.find(id) !== undefined)]),
      () => (wasInRules ? engine.firewall.apply() : undefined),
      () => engine.localNames.follow(),
      () => engine.firewall.endFlowsOf(addressesOf(container.record.endpoints)),
      () => (runsAlone(engine, container) ? forgetProcServer(engine.paths) : undefined),
      () => pruneUnfollowed(container),
      () => releaseFileSystems(engine, container),
    ])
    container.isCleared = true
  } catch (error) {
    engine.warn({ severity: 'warning', code: 'CLEAR_RUN', summary: messageOf(error) })
  }
}

/** Its control groups, and its folder in RUN. */
export async function clearOutside(
  { host }: Pick<EngineContext, 'host'>,
  { id, paths }: Pick<Container, 'id' | 'paths'>,
): Promise<void> {
  await collectErrorsTogether(`clear up after ${id}`, [
    () => host.cgroups.remove(id),
    () => removeRunFolder(paths.runFolder),
  ])
}

/** Its monitor has removed what was in it, as long as nobody has killed that. */
async function removeRunFolder(folder: string): Promise<void> {
  try {
    rmdirSync(folder)
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return
    await rm(folder, { recursive: true, force: true })
  }
}

/** No other container runs, or is about to. */
function runsAlone({ containers }: EngineContext, container: Container): boolean {
  return [...containers.values()].every(each => each === container || !each.holdsAddresses)
}

/**
 * Lets the writable layer of a container that is removed at its end be mounted once more. It is `volatile`: the kernel writes nothing of it to the disk because
 * somebody waits for that, and marks it, so that nobody mounts it after a crash, when a part may be lost. Within one boot nothing is. Throws CONTAINER_CUT_OFF.
 */
export function clearVolatile({ terms, record, paths, name }: Container): void {
  if (!terms.restart.removed) return
  const mark = join(paths.work, 'work', 'incompat')
  if (!existsSync(mark)) return
  if (record.state.bootId !== readBootId())
    throw failure({
      code: 'CONTAINER_CUT_OFF',
      kind: 'conflict',
      summary: `container ${name} is one that is removed when it has ended (--rm), and the machine went down while it ran: what it wrote may be lost in part`,
      hint: 'make another one: this one is about to be removed',
    })
  rmSync(mark, { recursive: true, force: true })
}
