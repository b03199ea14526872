import { Failure } from '../../diagnostics/index.ts'
import { nativeErrorOf } from '../../native/index.ts'
import { namesFolder } from '../../network/index.ts'
import { namesFilesOf } from '../names/links.ts'
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
  const networks = container.record.endpoints.flatMap(({ networkId }) => {
    const network = engine.networks.find(networkId)
    return network === undefined ? [] : [network]
  })
  try {
    await container.live?.connection.setNetworks(
      namesFilesOf(container)
        .filter(id => id === container.id || engine.networks.find(id) !== undefined)
        .map(id => namesFolder(engine.paths.run, id)),
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
