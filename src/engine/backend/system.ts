import { readFileSync } from 'node:fs'
import { arch, availableParallelism, hostname, release, totalmem } from 'node:os'
import type { SystemBackend } from '../../api/backend/system.ts'
import type {
  DiskUsageResponse,
  DiskUsageType,
  EngineVersion,
  EventMessage,
  EventsOptions,
  InfoResponse,
} from '../../api/types/index.ts'
import { errnoOf } from '../../diagnostics/index.ts'
import type { ContextSpace } from '../../image/index.ts'
import { folderSize } from '../../native/index.ts'
import { DRIVERS } from '../../network/index.ts'
import { listContainers } from '../containers/list.ts'
import { streamEvents } from '../events/stream.ts'
import { renderImage, renderKept, renderStep } from '../images/render.ts'
import type { EngineContext } from '../state/context.ts'
import { volumeUsers } from '../volumes/remove.ts'
import { renderVolume } from './volumes.ts'

const ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' }

/** The engine itself: its version, the machine, what happens, what takes space. */
export class System implements SystemBackend {
  readonly #engine: EngineContext
  readonly #contexts: () => Promise<readonly ContextSpace[]>

  /** `contexts` tells what builds keep. */
  constructor(engine: EngineContext, contexts: () => Promise<readonly ContextSpace[]>) {
    this.#engine = engine
    this.#contexts = contexts
  }

  async version(): Promise<EngineVersion> {
    const { version } = this.#engine
    return {
      Platform: { Name: 'tscompose' },
      Components: [{ Name: 'Engine', Version: version, Details: { Node: process.version } }],
      Version: version,
      GitCommit: '',
      GoVersion: '',
      Os: 'linux',
      Arch: ARCHITECTURES[arch()] ?? arch(),
      KernelVersion: release(),
    }
  }

  async info(): Promise<InfoResponse> {
    const engine = this.#engine
    const containers = [...engine.containers.values()]
    const count = (status: string): number => containers.filter(each => each.status === status).length
    const v1 = engine.host.cgroups.version === 1
    return {
      ...constantInfo(),
      ID: engine.paths.engineId === '' ? 'tscompose' : `tscompose-${engine.paths.engineId}`,
      Containers: containers.length,
      ContainersRunning: count('running') + count('restarting'),
      ContainersPaused: count('paused'),
      ContainersStopped: count('exited') + count('created'),
      Images: (await engine.images.list()).length,
      SystemTime: new Date().toISOString(),
      CgroupVersion: v1 ? '1' : '2',
      OomKillDisable: v1,
      NEventsListener: engine.events.listeners,
      KernelVersion: release(),
      OperatingSystem: osRelease('PRETTY_NAME') ?? 'Linux',
      OSVersion: osRelease('VERSION_ID') ?? '',
      Architecture: engine.host.architecture,
      NCPU: availableParallelism(),
      MemTotal: totalmem(),
      DockerRootDir: engine.paths.root,
      Name: hostname(),
      ServerVersion: engine.version,
      SecurityOptions: [
        ...(engine.host.apparmor ? ['name=apparmor'] : []),
        'name=seccomp,profile=builtin',
        'name=cgroupns',
      ],
      Warnings: engine.host.warnings.length === 0 ? null : engine.host.warnings,
    }
  }

  async events(options: EventsOptions, signal: AbortSignal): Promise<AsyncIterable<EventMessage>> {
    return streamEvents(this.#engine.events, options, signal)
  }

  async diskUsage(types: readonly DiskUsageType[]): Promise<DiskUsageResponse> {
    const engine = this.#engine
    const wants = (type: DiskUsageType): boolean => types.length === 0 || types.includes(type)
    const images = wants('image') ? await engine.images.list() : []
    const usage = wants('image') || wants('build-cache') ? await engine.images.usage() : undefined
    const containersOf = (id: string): number =>
      [...engine.containers.values()].filter(({ record }) => record.imageId === id).length
    const volumes = wants('volume') ? engine.volumes.values() : []
    return {
      LayersSize: wants('image') ? (usage?.layersSize ?? 0) : 0,
      Images: images.map(image => ({
        ...renderImage(image),
        SharedSize: usage?.sharedSizes.get(image.id) ?? 0,
        Containers: containersOf(image.id),
      })),
      Containers: wants('container')
        ? await listContainers(engine, { all: true, size: true, filters: {} })
        : [],
      Volumes: await Promise.all(
        volumes.map(async volume => ({
          ...renderVolume(engine, volume),
          UsageData: {
            Size: await folderSize(engine.volumes.dataOf(volume)),
            RefCount: volumeUsers(engine, volume.name).length,
          },
        })),
      ),
      BuildCache: wants('build-cache')
        ? [
            ...(usage?.cache ?? []).map(renderStep),
            ...(usage?.cacheMounts ?? []).map(each =>
              renderKept('exec.cachemount', 'RUN --mount=type=cache', each),
            ),
            ...(await this.#contexts()).map(each => renderKept('source.local', 'build context', each)),
          ]
        : [],
    }
  }
}

/** What is the same on every machine. */
function constantInfo(): Omit<InfoResponse, VariableInfo> {
  return {
    Driver: 'overlay2',
    DriverStatus: [],
    Plugins: {
      Volume: ['local'],
      Network: DRIVERS.map(({ name }) => name),
      Authorization: null,
      Log: ['json-file', 'local', 'none'],
    },
    MemoryLimit: true,
    SwapLimit: true,
    CpuCfsPeriod: true,
    CpuCfsQuota: true,
    CPUShares: true,
    CPUSet: true,
    PidsLimit: true,
    IPv4Forwarding: true,
    Debug: false,
    NFd: 0,
    NGoroutines: 0,
    LoggingDriver: 'json-file',
    CgroupDriver: 'cgroupfs',
    OSType: 'linux',
    IndexServerAddress: 'https://index.docker.io/v1/',
    HttpProxy: '',
    HttpsProxy: '',
    NoProxy: '',
    Labels: [],
    ExperimentalBuild: false,
    DefaultRuntime: 'tscompose',
    Runtimes: { tscompose: { path: 'tscompose-native' } },
    LiveRestoreEnabled: true,
    Isolation: '',
    InitBinary: 'tscompose-native',
  }
}

type VariableInfo =
  | 'ID'
  | 'Containers'
  | 'ContainersRunning'
  | 'ContainersPaused'
  | 'ContainersStopped'
  | 'Images'
  | 'SystemTime'
  | 'CgroupVersion'
  | 'OomKillDisable'
  | 'NEventsListener'
  | 'KernelVersion'
  | 'OperatingSystem'
  | 'OSVersion'
  | 'Architecture'
  | 'NCPU'
  | 'MemTotal'
  | 'DockerRootDir'
  | 'Name'
  | 'ServerVersion'
  | 'SecurityOptions'
  | 'Warnings'

function osRelease(key: string): string | undefined {
  try {
    const text = readFileSync('/etc/os-release', 'utf8')
    return new RegExp(`^${key}="?([^"\n]*)"?$`, 'm').exec(text)?.[1]
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined
    throw error
  }
}
