import { existsSync } from 'node:fs'
import { Failure } from '../../diagnostics/index.ts'
import { nativeErrorOf } from '../../native/index.ts'
import { namesFolder } from '../../network/index.ts'
import { namesFilesOf } from '../names/own.ts'
import type { Container } from '../state/container.ts'
import type { EngineContext } from '../state/context.ts'

/**
 * Tells the relay of a running container on which networks it is now, so that their names resolve in it. After each
 * change, and when a container is taken over: the engine that changed it may not have come this far. A container
 * without resolver of ours (on the default bridge alone) has none to tell; what fails is a warning, since the traffic
 * flows already.
 */
export async function tellRelay(
  engine: Pick<EngineContext, 'networks' | 'paths' | 'warn'>,
  container: Container,
): Promise<void> {
  const ids = container.record.endpoints.map(({ networkId }) => networkId)
  const networks = ids.flatMap(id => engine.networks.find(id) ?? [])
  const gone = ids.filter(id => engine.networks.find(id) === undefined)
  try {
    await container.live?.connection.setNetworks(
      namesFilesOf(container)
        .filter(id => !gone.includes(id))
        .map(id => namesFolder(engine.paths.run, id))
        // A container of an earlier version's engine may be of a project whose file is written a moment later.
        .filter(folder => existsSync(folder)),
      networks.every(network => network.internal),
    )
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    if (nativeErrorOf(error)?.errno === 'ENOTCONN') return
    engine.warn({
      severity: 'warning',
      code: 'RELAY_NETWORKS',
      summary: `${container.name}: names of its networks resolve after its next start only: ${error.message}`,
    })
  }
}
