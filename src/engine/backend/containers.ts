import type { Readable } from 'node:stream'
import type { ContainerBackend } from '../../api/backend/containers.ts'
import type {
  ArchiveDownload,
  ArchiveUploadOptions,
  AttachOptions,
  AttachSession,
  ContainerCreateOptions,
  ContainerCreateRequest,
  ContainerCreateResponse,
  ContainerInspect,
  ContainerInspectOptions,
  ContainerKillOptions,
  ContainerListOptions,
  ContainerPruneResponse,
  ContainerRemoveOptions,
  ContainerStartOptions,
  ContainerStats,
  ContainerStatsOptions,
  ContainerStopOptions,
  ContainerStopResult,
  ContainerSummary,
  ContainerTopResponse,
  ContainerUpdateRequest,
  ContainerUpdateResponse,
  ContainerWaiter,
  DnsLogEntry,
  Drift,
  FilesystemChange,
  Filters,
  LabelledStats,
  LogOptions,
  LogStream,
  PathStat,
  PlannedContainer,
  Refusal,
  RepairRequest,
  StatsOfAllOptions,
  TerminalSize,
  UploadedTar,
  WaitCondition,
  WantedDrift,
} from '../../api/types/index.ts'
import { exportRoot, getArchive, putArchive, statPath } from '../archive/index.ts'
import { attachContainer } from '../containers/attach.ts'
import { listChanges } from '../containers/changes.ts'
import { createContainer } from '../containers/create/create.ts'
import { followDnsLog } from '../containers/dns-log.ts'
import { inspectContainer } from '../containers/inspect/inspect.ts'
import { plannedContainer } from '../containers/inspect/planned.ts'
import { killContainer, requireLive } from '../containers/kill.ts'
import { listContainers, selectContainers } from '../containers/list.ts'
import { awaitMaker, stayMaker } from '../containers/maker.ts'
import { pauseContainer, unpauseContainer } from '../containers/pause.ts'
import { pruneContainers } from '../containers/prune.ts'
import { listRefused } from '../containers/refused.ts'
import { removeContainer } from '../containers/remove.ts'
import { renameContainer } from '../containers/rename.ts'
import { tellMounts, tellUnmounts } from '../containers/run/run-events.ts'
import { sampleAll, streamStats } from '../containers/stats/stream.ts'
import { stopContainer } from '../containers/stop.ts'
import { startContainer } from '../containers/supervise.ts'
import { topContainer } from '../containers/top/top.ts'
import { unlinkContainer } from '../containers/unlink.ts'
import { updateContainer } from '../containers/update.ts'
import { lastExitOf, waitFor } from '../containers/wait.ts'
import { drain, relieve, relievedBy } from '../endpoints/relieve.ts'
import { publishContainerEvent } from '../events/container-event.ts'
import { holdNetwork, letGo } from '../groups/kept-network.ts'
import { joinedBy, namespacesOf } from '../groups/namespaces.ts'
import { waitBeside } from '../groups/replacement.ts'
import { holdNamespace } from '../groups/user-mapping.ts'
import { tellMended } from '../kernel/mended.ts'
import type { Mender } from '../kernel/mender.ts'
import { observeContainer } from '../kernel/observe.ts'
import { repairContainer } from '../kernel/repair.ts'
import { openContainerLog } from '../logs/open.ts'
import { keepAwake, wakeContainer } from '../sleep/wake.ts'
import type { Container } from '../state/container.ts'
import type { EngineContext } from '../state/context.ts'
import { withFileSystems } from '../volumes/file-systems.ts'

/** What wants its processes or files: one that sleeps wakes for it. */
const WAKING: readonly string[] = ['top', 'export']

/** Containers: each is found by its reference, and locked where it changes. */
export class Containers implements ContainerBackend {
  readonly #engine: EngineContext
  readonly #mender: Pick<Mender, 'forget'>

  constructor(engine: EngineContext, mender: Pick<Mender, 'forget'>) {
    this.#engine = engine
    this.#mender = mender
  }

  async create(
    body: ContainerCreateRequest,
    options: ContainerCreateOptions,
  ): Promise<ContainerCreateResponse> {
    const created = await this.#engine.unfinished.run(body.Labels, async () => {
      await this.#engine.turns.take(false)
      return await createContainer(this.#engine, body, options)
    })
    const container = this.#engine.containers.find(created.Id)
    if (container !== undefined) awaitMaker(this.#engine, container, false)
    return created
  }

  stayMaker(id: string, signal: AbortSignal): AsyncIterable<never> {
    return stayMaker(this.#engine, id, signal)
  }

  async list(options: ContainerListOptions): Promise<readonly ContainerSummary[]> {
    return listContainers(this.#engine, options)
  }

  async idsOf(filters: Filters, all: boolean): Promise<readonly string[]> {
    return selectContainers(this.#engine, { all, size: false, filters }).map(({ id }) => id)
  }

  async inspect(id: string, options: ContainerInspectOptions): Promise<ContainerInspect> {
    return inspectContainer(this.#engine, this.#find(id), options)
  }

  async planned(id: string, drift: WantedDrift): Promise<PlannedContainer> {
    return plannedContainer(this.#engine, this.#find(id), drift)
  }

  async drift(id: string): Promise<readonly Drift[]> {
    return observeContainer(this.#engine, this.#find(id))
  }

  beingLookedAt(): Promise<void> {
    return this.#engine.looks.handedOver()
  }

  async start(id: string, { beside }: ContainerStartOptions): Promise<void> {
    await this.#engine.unfinished.run(this.#find(id).record.config.Labels, () =>
      this.#locked(id, async container => {
        if (beside === true) waitBeside(this.#engine.containers, container)
        await this.#engine.turns.take(true)
        await startContainer(this.#engine, container)
      }),
    )
  }

  stop(id: string, options: ContainerStopOptions): Promise<ContainerStopResult | undefined> {
    return this.#locked(id, container => stopContainer(this.#engine, container, options))
  }

  restart(id: string, options: ContainerStopOptions): Promise<void> {
    return this.#locked(id, container => restartContainer(this.#engine, container, options))
  }

  /** Without the lock: a kill must not wait until a stop's grace period is over. */
  async kill(id: string, signal: string | undefined, options?: ContainerKillOptions): Promise<void> {
    await killContainer(this.#engine, this.#find(id), signal, options)
  }

  pause(id: string): Promise<void> {
    return this.#locked(id, container => pauseContainer(this.#engine, container))
  }

  unpause(id: string): Promise<void> {
    return this.#locked(id, container => unpauseContainer(this.#engine, container))
  }

  rename(id: string, name: string): Promise<void> {
    return this.#locked(id, container => renameContainer(this.#engine, container, name))
  }

  repair(id: string, { Paths }: RepairRequest): Promise<void> {
    return this.#locked(id, async container => {
      this.#mender.forget(container.id, Paths)
      tellMended(this.#engine, container, await repairContainer(this.#engine, container, Paths))
    })
  }

  relieve(id: string): Promise<void> {
    return this.#locked(id, container => {
      const old = relievedBy(this.#engine.containers, container)
      return this.#locked(old.id, () => relieve(this.#engine, container, old))
    })
  }

  drain(id: string, seconds: number | undefined): Promise<void> {
    return drain(this.#engine, this.#find(id), seconds)
  }

  update(id: string, body: ContainerUpdateRequest): Promise<ContainerUpdateResponse> {
    return this.#locked(id, container => updateContainer(this.#engine, container, body))
  }

  async remove(id: string, options: ContainerRemoveOptions): Promise<void> {
    const container = this.#find(id)
    await this.#engine.unfinished.run(container.record.config.Labels, () =>
      removeContainer(this.#engine, container, options),
    )
  }

  async unlink(id: string, alias: string): Promise<void> {
    unlinkContainer(this.#engine, id, alias)
  }

  async wait(id: string, condition: WaitCondition, signal: AbortSignal): Promise<ContainerWaiter> {
    const departed = this.#engine.containers.departed(id)
    if (departed !== undefined) return { result: Promise.resolve(lastExitOf(departed)) }
    return waitFor(this.#find(id), condition, signal)
  }

  async logs(id: string, options: LogOptions, signal: AbortSignal): Promise<LogStream> {
    return openContainerLog(this.#engine, this.#find(id), options, signal)
  }

  async attach(id: string, options: AttachOptions): Promise<AttachSession> {
    return this.#told(id, 'attach', container => attachContainer(this.#engine, container, options))
  }

  async resize(id: string, size: TerminalSize): Promise<void> {
    await this.#told(
      id,
      'resize',
      container => requireLive(container).connection.resize(size.height, size.width),
      { height: String(size.height), width: String(size.width) },
    )
  }

  async top(id: string, psArgs: string): Promise<ContainerTopResponse> {
    return this.#told(id, 'top', container => topContainer(this.#engine, container, psArgs))
  }

  async stats(
    id: string,
    options: ContainerStatsOptions,
    signal: AbortSignal,
  ): Promise<AsyncIterable<ContainerStats>> {
    return streamStats(this.#engine, this.#find(id), options, signal)
  }

  async refused(id: string): Promise<readonly Refusal[]> {
    return listRefused(this.#engine, this.#find(id))
  }

  async dnsLog(id: string, signal: AbortSignal): Promise<AsyncIterable<DnsLogEntry>> {
    return followDnsLog(this.#engine, this.#find(id), signal)
  }

  async statsOfAll(options: StatsOfAllOptions): Promise<readonly LabelledStats[]> {
    return sampleAll(this.#engine, options)
  }

  async changes(id: string): Promise<readonly FilesystemChange[]> {
    return listChanges(this.#engine, this.#find(id))
  }

  async statPath(id: string, path: string): Promise<PathStat> {
    const container = await this.#awake(id)
    return this.#withVolumes(container, () => statPath(this.#engine, container, path))
  }

  async getArchive(id: string, path: string, signal: AbortSignal): Promise<ArchiveDownload> {
    const container = await this.#awake(id)
    tellMounts(this.#engine, container)
    const unmount = (): void => tellUnmounts(this.#engine, container)
    try {
      const take = (): Promise<ArchiveDownload> => getArchive(this.#engine, container, path, signal)
      const download = await withFileSystems(this.#engine, container, take)
      publishContainerEvent(this.#engine, container, 'archive-path')
      download.tar.once('close', unmount)
      return download
    } catch (error) {
      unmount()
      throw error
    }
  }

  putArchive(id: string, options: ArchiveUploadOptions, tar: UploadedTar): Promise<void> {
    return this.#locked(id, async container => {
      await wakeContainer(container)
      const put = async (): Promise<void> => {
        await putArchive(this.#engine, container, options, tar)
        publishContainerEvent(this.#engine, container, 'extract-to-dir')
      }
      await this.#withVolumes(container, put)
    })
  }

  /** Does something with a container's files while its volumes are used, and told to be. */
  async #withVolumes<T>(container: Container, task: () => Promise<T>): Promise<T> {
    tellMounts(this.#engine, container)
    try {
      return await withFileSystems(this.#engine, container, task)
    } finally {
      tellUnmounts(this.#engine, container)
    }
  }

  async export(id: string, signal: AbortSignal): Promise<Readable> {
    return this.#told(id, 'export', container => exportRoot(this.#engine, container, signal))
  }

  prune(filters: Filters): Promise<ContainerPruneResponse> {
    return pruneContainers(this.#engine, filters)
  }

  /** Does something to a container and publishes it. */
  async #told<T>(
    reference: string,
    action: string,
    task: (container: Container) => T | Promise<T>,
    attributes: Readonly<Record<string, string>> = {},
  ): Promise<T> {
    const container = this.#find(reference)
    if (WAKING.includes(action)) await wakeContainer(container)
    const result = await task(container)
    publishContainerEvent(this.#engine, container, action, attributes)
    return result
  }

  /** For what is done with the files or processes that it has while it runs. */
  async #awake(reference: string): Promise<Container> {
    const container = this.#find(reference)
    await wakeContainer(container)
    return container
  }

  #find(reference: string): Container {
    return this.#engine.containers.resolve(reference)
  }

  async #locked<T>(reference: string, task: (container: Container) => Promise<T>): Promise<T> {
    const container = this.#find(reference)
    return await this.#engine.locks.run(container.id, async () => {
      // It may have been removed while this waited.
      this.#find(container.id)
      return await task(container)
    })
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
    // It comes back to the network that it had.
    await holdNamespace(engine, container)
    container.heldNetwork ??= holdNetwork(container)
    await keepAwake(joinedBy(engine.containers, container), async () => {
      // Who could not come back is not ended.
      namespacesOf(engine.containers, container.terms)
      if (container.live !== undefined) await stopContainer(engine, container, options)
      await startContainer(engine, container)
    })
  } finally {
    container.restarting = false
    letGo(container)
  }
  publishContainerEvent(engine, container, 'restart')
}
