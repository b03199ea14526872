import { rm } from 'node:fs/promises'
import { collectErrorsTogether, messageOf } from '../../../diagnostics/index.ts'
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
      () => engine.host.cgroups.remove(container.id),
      () =>
        engine.names.update([container.id, ...networks.filter(id => engine.networks.find(id) !== undefined)]),
      () => (wasInRules ? engine.firewall.apply() : undefined),
      () => engine.localNames.follow(),
      () => engine.firewall.endFlowsOf(addressesOf(container.record.endpoints)),
      () => rm(container.paths.runFolder, { recursive: true, force: true }),
      () => (runsAlone(engine, container) ? forgetProcServer(engine.paths) : undefined),
      () => pruneUnfollowed(container),
      () => releaseFileSystems(engine, container),
    ])
  } catch (error) {
    engine.warn({ severity: 'warning', code: 'CLEAR_RUN', summary: messageOf(error) })
  }
}

/** No other container runs, or is about to. */
function runsAlone({ containers }: EngineContext, container: Container): boolean {
  return [...containers.values()].every(each => each === container || !each.holdsAddresses)
}
