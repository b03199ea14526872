import type { Backend } from '../../backend/backend.ts'
import { lazyBuildKit } from '../buildkit/lazy.ts'
import type { Handlers, UpgradeAnswer } from '../handler.ts'
import { Peers } from '../peers.ts'
import { archiveHandlers } from './archive.ts'
import { buildHandlers } from './builds.ts'
import { checkpointHandlers } from './checkpoints.ts'
import { clusterHandlers } from './cluster.ts'
import { connectionHandlers } from './connections.ts'
import { execHandlers } from './exec.ts'
import { imageArchiveHandlers } from './image-archives.ts'
import { imageHandlers } from './images.ts'
import { lifecycleHandlers } from './lifecycle.ts'
import { networkHandlers } from './networks.ts'
import { observeHandlers } from './observe.ts'
import { pluginHandlers } from './plugins.ts'
import { savedHandlers } from './saved.ts'
import { sessionHandlers } from './sessions.ts'
import { snapshotHandlers } from './snapshot.ts'
import { systemHandlers } from './system.ts'
import { traceHandlers } from './trace.ts'
import { volumeHandlers } from './volumes.ts'

/** A handler for every row of the route table; `serveLine` serves a connection that carries many calls, by these handlers. */
export function createHandlers(
  backend: Backend,
  onFailure: (error: unknown) => void,
  serveLine: UpgradeAnswer['serve'],
): Handlers {
  const peers = new Peers()
  const kit = lazyBuildKit(backend, onFailure)
  return {
    ...systemHandlers(backend.system),
    ...connectionHandlers(peers, serveLine),
    ...lifecycleHandlers(backend.containers, peers),
    ...observeHandlers(backend.containers),
    ...archiveHandlers(backend.containers),
    ...execHandlers(backend),
    ...imageHandlers(backend.images, backend.imageArchives),
    ...imageArchiveHandlers(backend.imageArchives),
    ...buildHandlers(backend.build, kit),
    ...sessionHandlers(kit),
    ...networkHandlers(backend.networks),
    ...volumeHandlers(backend.volumes),
    ...snapshotHandlers(backend),
    ...savedHandlers(backend.snapshots),
    ...traceHandlers(),
    ...checkpointHandlers(),
    ...clusterHandlers(),
    ...pluginHandlers(),
  }
}
