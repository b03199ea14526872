import { renameSync } from 'node:fs'
import { unlink } from 'node:fs/promises'
import { collectErrors, errnoOf, failure, messageOf } from '../../diagnostics/index.ts'
import { removeTree } from '../../native/index.ts'
import { driverOf } from '../../network/index.ts'
import { joinedOf, kernelEndpoints } from '../endpoints/joined.ts'
import { standIn } from '../endpoints/relieve.ts'
import { publishContainerEvent } from '../events/container-event.ts'
import { letGo, networkFileOf } from '../groups/kept-network.ts'
import { passOnNetwork } from '../groups/replacement.ts'
import { inheritAddresses } from '../kernel/kept-addresses.ts'
import { usersOf } from '../networks/undo.ts'
import type { Container } from '../state/container.ts'
import type { EngineContext } from '../state/context.ts'
import type { ContainerPaths } from '../state/paths.ts'
import { removeAnonymousVolumes } from '../volumes/remove.ts'
import { killForRemoval } from './kill.ts'
import { clearOutside } from './run/clear-run.ts'

export interface RemoveOptions {
  /** Kill it first when it runs. */
  readonly force: boolean
  /** Remove its anonymous volumes too. */
  readonly volumes: boolean
  /** Leave it alone if it has ever run. */
  readonly ifUnstarted?: boolean
  /** Its project has no such service any more. */
  readonly forget?: boolean
}

/** `DELETE /containers/{id}`. Goes on after an error and reports all. */
export function removeContainer(
  engine: EngineContext,
  container: Container,
  options: RemoveOptions,
): Promise<void> {
  return engine.locks.run(container.id, async () => {
    if (engine.containers.find(container.id) === undefined) return
    if (options.ifUnstarted === true && container.record.state.startedAt !== undefined) return
    if (container.live !== undefined) {
      if (!options.force) throw isRunning(container)
      container.removing = true
      await killForRemoval(engine, container)
    }
    container.removing = true
    try {
      await container.cleanup
      await tearDown(engine, container, options)
    } catch (error) {
      container.removing = false
      container.tellRemoval(messageOf(error))
      throw error
    }
    publishContainerEvent(engine, container, 'destroy')
    await forgetRemoval(container.paths)
    container.tellRemoval()
  })
}

/**
 * What others may need first, then the record, then the rest: without its record a folder is a leftover that the next
 * engine sweeps, while a record without its folders would be a container that cannot start.
 */
async function tearDown(engine: EngineContext, container: Container, options: RemoveOptions): Promise<void> {
  const { mounts } = container.record
  const gone = failure({
    code: 'CONTAINER_NOT_FOUND',
    kind: 'notFound',
    summary: `${container.name} was removed`,
  })
  for (const pending of container.pendingAttaches) pending.fail(gone)
  await collectErrors(`remove container ${container.name}`, [
    () => (container.isCleared ? undefined : clearOutside(engine, container)),
    () => (options.volumes ? removeAnonymousVolumes(engine, mounts, container.id) : undefined),
    () => leaveNetwork(engine, container),
    () => renameRecord(container.paths),
    () => engine.containers.delete(container),
    () => (options.forget === true ? engine.names.forget(container) : undefined),
    () => engine.names.update(networksInUse(engine, container)),
    () => standIn(engine, container),
    () => engine.userNamespaces.sweep(),
    () => removeTree(container.paths.folder),
  ])
}

/** From here on it is no container, and the next engine tells of its end if this one does not get to it. */
function renameRecord({ record, removed }: Pick<ContainerPaths, 'record' | 'removed'>): void {
  try {
    renameSync(record, removed)
  } catch (error) {
    // Somebody has taken it away.
    if (errnoOf(error) !== 'ENOENT') throw error
  }
}

/** It was told. */
async function forgetRemoval({ removed }: Pick<ContainerPaths, 'removed'>): Promise<void> {
  try {
    await unlink(removed)
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw error
  }
}

/** Who lives on in its network has that of its replacement, or none: its addresses may be given to others now. */
async function leaveNetwork(engine: EngineContext, container: Container): Promise<void> {
  letGo(container)
  const heir = [...engine.containers.values()].find(
    ({ record }) => record.replaces === container.id && record.relief === 'serving',
  )
  const isPassedOn = passOnNetwork(engine.containers, container)
  if (heir !== undefined) await inheritAddresses(engine, heir, container)
  if (isPassedOn) return
  const file = networkFileOf(engine.containers, container)
  if (file === undefined) return
  const setup = kernelEndpoints(container, joinedOf(engine, container)).flatMap(each =>
    driverOf(each.network).detach(each),
  )
  if (setup.length > 0) await engine.native.run({ setup: [{ ...file, op: 'openNetns' }, ...setup] })
}

/** Its networks where somebody could still ask for its names. */
function networksInUse(engine: EngineContext, container: Container): string[] {
  return container.record.endpoints
    .map(endpoint => endpoint.networkId)
    .filter(id => engine.networks.find(id) !== undefined && usersOf(engine, id).length > 0)
}

function isRunning(container: Container): Error {
  return failure({
    code: 'CONTAINER_RUNNING',
    kind: 'conflict',
    summary: `cannot remove container "${container.name}": container is ${container.status}${container.paused ? ' and must be unpaused first' : ': stop the container before removing or force remove'}`,
  })
}
