import type { ContainerBackend } from '../../api/backend/containers.ts'
import type { ContainerStopOptions } from '../../api/types/index.ts'
import { exportRoot, getArchive, putArchive, statPath } from '../archive/index.ts'
import { attachContainer } from '../containers/attach.ts'
import { listChanges } from '../containers/changes.ts'
import { createContainer } from '../containers/create/create.ts'
import { inspectContainer } from '../containers/inspect.ts'
import { killContainer, requireLive } from '../containers/kill.ts'
import { listContainers } from '../containers/list.ts'
import { pauseContainer, unpauseContainer } from '../containers/pause.ts'
import { pruneContainers } from '../containers/prune.ts'
import { removeContainer } from '../containers/remove.ts'
import { renameContainer } from '../containers/rename.ts'
import { streamStats } from '../containers/stats.ts'
import { stopContainer } from '../containers/stop.ts'
import { startContainer } from '../containers/supervise.ts'
import { topContainer } from '../containers/top.ts'
import { updateContainer } from '../containers/update.ts'
import { waitFor } from '../containers/wait.ts'
import { publishContainerEvent } from '../events/container-event.ts'
import { openContainerLog } from '../logs/open.ts'
import type { Container } from '../state/container.ts'
import type { EngineContext } from '../state/context.ts'

/** Finds the container, takes its lock where it changes, and calls the function. */
export function containerBackend(engine: EngineContext): ContainerBackend {
  const find = (reference: string): Container => engine.containers.resolve(reference)
  const locked: Locked = async (reference, task) => {
    const container = find(reference)
    return await engine.locks.run(container.id, async () => {
      // It may have been removed while this waited.
      find(container.id)
      return await task(container)
    })
  }
  return { ...lifecycle(engine, find, locked), ...observation(engine, find), ...files(engine, find, locked) }
}

type Find = (reference: string) => Container
type Locked = <T>(reference: string, task: (container: Container) => Promise<T>) => Promise<T>

function lifecycle(
  engine: EngineContext,
  find: Find,
  locked: Locked,
): Pick<
  ContainerBackend,
  | 'create'
  | 'start'
  | 'stop'
  | 'restart'
  | 'kill'
  | 'pause'
  | 'unpause'
  | 'rename'
  | 'update'
  | 'remove'
  | 'prune'
> {
  return {
    create: (body, options) => createContainer(engine, body, options),
    start: id => locked(id, container => startContainer(engine, container)),
    stop: (id, options) => locked(id, container => stopContainer(engine, container, options)),
    restart: (id, options) => locked(id, container => restartContainer(engine, container, options)),
    // Without the lock: a kill must not wait until a stop's grace period is over.
    kill: async (id, signal) => killContainer(engine, find(id), signal),
    pause: id => locked(id, container => pauseContainer(engine, container)),
    unpause: id => locked(id, container => unpauseContainer(engine, container)),
    rename: (id, name) => locked(id, container => renameContainer(engine, container, name)),
    update: (id, body) => locked(id, container => updateContainer(engine, container, body)),
    remove: async (id, options) => removeContainer(engine, find(id), options),
    prune: filters => pruneContainers(engine, filters),
  }
}

function observation(
  engine: EngineContext,
  find: Find,
): Pick<ContainerBackend, 'list' | 'inspect' | 'wait' | 'logs' | 'attach' | 'resize' | 'top' | 'stats'> {
  return {
    list: options => {
      // Whoever lists often starts or executes next, which then finds the kernel ready.
      engine.host.cgroups.warm()
      return listContainers(engine, options)
    },
    inspect: async (id, options) => inspectContainer(engine, find(id), options),
    wait: async (id, condition, signal) => waitFor(find(id), condition, signal),
    logs: async (id, options, signal) => openContainerLog(engine, find(id), options, signal),
    attach: async (id, options) => attachContainer(engine, find(id), options),
    resize: async (id, size) => requireLive(find(id)).connection.resize(size.height, size.width),
    top: async (id, psArgs) => topContainer(engine, find(id), psArgs),
    stats: async (id, options, signal) => streamStats(engine, find(id), options, signal),
  }
}

function files(
  engine: EngineContext,
  find: Find,
  locked: Locked,
): Pick<ContainerBackend, 'changes' | 'statPath' | 'getArchive' | 'putArchive' | 'export'> {
  return {
    changes: async id => listChanges(engine, find(id)),
    statPath: async (id, path) => statPath(engine, find(id), path),
    getArchive: async (id, path, signal) => getArchive(engine, find(id), path, signal),
    putArchive: (id, options, tar) => locked(id, container => putArchive(engine, container, options, tar)),
    export: async (id, signal) => exportRoot(engine, find(id), signal),
  }
}

async function restartContainer(
  engine: EngineContext,
  container: Container,
  options: ContainerStopOptions,
): Promise<void> {
  // Who follows its log sees by it that this end is not for good.
  container.restarting = true
  try {
    if (container.live !== undefined) await stopContainer(engine, container, options)
    await startContainer(engine, container)
  } finally {
    container.restarting = false
  }
  publishContainerEvent(engine, container, 'restart')
}
