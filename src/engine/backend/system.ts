import { arch, release } from 'node:os'
import { join } from 'node:path'
import type { SystemBackend } from '../../api/backend/system.ts'
import type {
  DiskUsageResponse,
  DiskUsageType,
  EngineVersion,
  EventMessage,
  EventsOptions,
  InfoResponse,
  KernelStir,
  OpenSocket,
} from '../../api/types/index.ts'
import { Failure, failure } from '../../diagnostics/index.ts'
import type { ContextSpace } from '../../image/index.ts'
import { lockHolder } from '../../linux/process-lock.ts'
import { contentSize, nativeErrorOf } from '../../native/index.ts'
import { listContainers } from '../containers/list.ts'
import { streamEvents } from '../events/stream.ts'
import { withoutIntermediate } from '../images/filters.ts'
import { renderImage, renderKept, renderStep } from '../images/render.ts'
import type { Mender } from '../kernel/mender.ts'
import { containersOf } from '../kernel/watched-folders.ts'
import { snapshotUsage } from '../snapshots/usage.ts'
import type { EngineContext } from '../state/context.ts'
import { isProjectName, PROJECT } from '../state/project.ts'
import { ownFilesOf } from '../volumes/layered.ts'
import { volumeUsers } from '../volumes/remove.ts'
import { matchesLabels } from '../words/filters.ts'
import { engineInfo } from './info.ts'
import { renderVolume } from './volumes.ts'

const ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' }

/** Milliseconds after which a client is sent more that has not read its answer's head: it has stopped, or never will. */
const READ_WITHIN = 60_000

/** The engine itself: its version, the machine, what happens, what takes space. */
export class System implements SystemBackend {
  readonly #engine: EngineContext
  readonly #mender: Pick<Mender, 'renew'>
  readonly #contexts: () => Promise<readonly ContextSpace[]>

  /** `contexts` tells what builds keep. */
  constructor(
    engine: EngineContext,
    mender: Pick<Mender, 'renew'>,
    contexts: () => Promise<readonly ContextSpace[]>,
  ) {
    this.#engine = engine
    this.#mender = mender
    this.#contexts = contexts
  }

  async version(): Promise<EngineVersion> {
    const { version, buildTime } = this.#engine
    return {
      Platform: { Name: 'tscompose' },
      Components: [{ Name: 'Engine', Version: version, Details: { Node: process.version } }],
      Version: version,
      GitCommit: '',
      GoVersion: '',
      Os: 'linux',
      Arch: ARCHITECTURES[arch()] ?? arch(),
      KernelVersion: release(),
      ...(buildTime === undefined ? {} : { BuildTime: buildTime }),
    }
  }

  info(): Promise<InfoResponse> {
    return engineInfo(this.#engine)
  }

  settled(labels: readonly string[]): Promise<void> {
    return this.#engine.unfinished.settled(own => matchesLabels(own, labels))
  }

  async events(options: EventsOptions, signal: AbortSignal): Promise<AsyncIterable<EventMessage>> {
    const { containers } = this.#engine
    const { container: names = [], ...filters } = options.filters
    if (names.length === 0) return streamEvents(this.#engine.events, options, signal)
    // What it did under another name is its own, too.
    const container = [...new Set(names.flatMap(name => [name, containers.named(name)?.id ?? name]))]
    return streamEvents(this.#engine.events, { ...options, filters: { ...filters, container } }, signal)
  }

  stirs(project: string, signal: AbortSignal): AsyncIterable<KernelStir> {
    return this.#engine.watch.follow(project, signal)
  }

  async mend(project: string, isOn: boolean): Promise<void> {
    for (const container of containersOf(this.#engine, project))
      await this.#engine.locks.run(container.id, async () => {
        if (
          this.#engine.containers.find(container.id) !== undefined &&
          (container.record.mended === true) !== isOn
        )
          container.save({ mended: isOn ? true : undefined })
      })
    this.#mender.renew()
  }

  async tellNames(project: string, names: readonly string[]): Promise<void> {
    if (!isProjectName(project))
      throw failure({
        code: 'NAME_INVALID',
        kind: 'invalidArgument',
        summary: `${JSON.stringify(project)} is no project's name`,
        facts: { noun: 'project', name: project },
      })
    await this.#engine.names.tell(project, names)
  }

  namesTold(labels: readonly string[]): readonly string[] | undefined {
    const project = labels.find(label => label.startsWith(`${PROJECT}=`))?.slice(PROJECT.length + 1)
    return project === undefined || !isProjectName(project) ? undefined : this.#engine.names.told(project)
  }

  async untilRead(connection: OpenSocket): Promise<boolean> {
    const { native, paths } = this.#engine
    try {
      const { results } = await native.run({
        outside: [{ op: 'openConnection', slot: 0, ...connection, readWithin: READ_WITHIN }],
      })
      const client = results.get(0)?.readUInt32LE()
      // A gateway reads at once, whatever becomes of it then.
      return client !== undefined && client !== lockHolder(join(paths.run, 'serve.lock'))
    } catch (error) {
      if (!(error instanceof Failure)) throw error
      return nativeErrorOf(error)?.errno === 'ETIMEDOUT'
    }
  }

  async diskUsage(types: readonly DiskUsageType[]): Promise<DiskUsageResponse> {
    const engine = this.#engine
    const wants = (type: DiskUsageType): boolean => types.length === 0 || types.includes(type)
    const images = wants('image') ? withoutIntermediate(await engine.images.list()) : []
    const usage = wants('image') || wants('build-cache') ? await engine.images.usage() : undefined
    const containersOf = (id: string): number =>
      [...engine.containers.values()].filter(({ record }) => record.imageId === id).length
    const volumes = wants('volume') ? engine.volumes.values() : []
    return {
      LayersSize: wants('image') ? (usage?.layersSize ?? 0) : 0,
      Images: !wants('image')
        ? null
        : images.map(image => ({
            ...renderImage(image),
            SharedSize: usage?.sharedSizes.get(image.id) ?? 0,
            Containers: containersOf(image.id),
          })),
      Containers: wants('container')
        ? await listContainers(engine, { all: true, size: true, filters: {} })
        : null,
      Volumes: !wants('volume')
        ? null
        : await Promise.all(
            volumes.map(async volume => ({
              ...renderVolume(engine, volume),
              UsageData: {
                Size: await contentSize(ownFilesOf(engine, volume)),
                RefCount: volumeUsers(engine, volume.name).length,
              },
            })),
          ),
      ...(wants('volume') ? await snapshotUsage(engine) : {}),
      BuildCache: wants('build-cache')
        ? [
            ...(usage?.cache ?? []).map(renderStep),
            ...(usage?.cacheMounts ?? []).map(each =>
              renderKept('exec.cachemount', 'RUN --mount=type=cache', each),
            ),
            ...(await this.#contexts()).map(each => renderKept('source.local', 'build context', each)),
          ]
        : null,
    }
  }
}
