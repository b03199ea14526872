import { readdirSync, statfsSync } from 'node:fs'
import { availableParallelism, hostname, release, totalmem } from 'node:os'
import type { InfoResponse } from '../../api/types/index.ts'
import { readIfThereSync } from '../../linux/read-if-there.ts'
import { timestamp } from '../../linux/wall-clock.ts'
import { DRIVERS } from '../../network/index.ts'
import type { EngineContext } from '../state/context.ts'

/** `GET /info`: the machine and the engine on it, with every field that Docker's has. */
export async function engineInfo(engine: EngineContext): Promise<InfoResponse> {
  return { ...CONSTANT, ...machineInfo(engine), ...(await stateInfo(engine)) }
}

/** What changes while an engine runs. */
async function stateInfo(engine: EngineContext): Promise<Pick<InfoResponse, StateField>> {
  const containers = [...engine.containers.values()]
  const count = (status: string): number => containers.filter(each => each.status === status).length
  return {
    Containers: containers.length,
    ContainersRunning: count('running') + count('restarting'),
    ContainersPaused: count('paused'),
    ContainersStopped: count('exited') + count('created'),
    Images: (await engine.images.list()).length,
    NFd: readdirSync('/proc/self/fd').length,
    // The nearest that this engine has to them.
    NGoroutines: readdirSync('/proc/self/task').length,
    SystemTime: timestamp(),
    NEventsListener: engine.events.listeners,
  }
}

function machineInfo(engine: EngineContext): Omit<InfoResponse, StateField | keyof typeof CONSTANT> {
  const v1 = engine.host.cgroups.version === 1
  return {
    ID: engine.paths.engineId === '' ? 'tscompose' : `tscompose-${engine.paths.engineId}`,
    DriverStatus: [
      ['Backing Filesystem', backingFilesystem(engine.paths.root)],
      ['Supports d_type', 'true'],
      ['Using metacopy', 'false'],
      ['Native Overlay Diff', 'true'],
      ['userxattr', 'false'],
    ],
    CgroupVersion: v1 ? '1' : '2',
    KernelMemoryTCP: v1,
    OomKillDisable: v1,
    KernelVersion: release(),
    OperatingSystem: osRelease('PRETTY_NAME') ?? 'Linux',
    OSVersion: osRelease('VERSION_ID') ?? '',
    Architecture: engine.host.architecture,
    NCPU: availableParallelism(),
    MemTotal: totalmem(),
    DockerRootDir: engine.paths.root,
    Name: hostname(),
    ServerVersion: engine.version,
    RuncCommit: { ID: engine.version },
    InitCommit: { ID: engine.version },
    SecurityOptions: [
      ...(engine.host.apparmor !== undefined ? ['name=apparmor'] : []),
      ...(engine.host.selinux !== undefined ? ['name=selinux'] : []),
      'name=seccomp,profile=builtin',
      'name=cgroupns',
    ],
    Warnings: engine.host.warnings.length === 0 ? null : engine.host.warnings,
  }
}

/** What is the same on every machine. */
const CONSTANT = {
  Driver: 'overlay2',
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
  LoggingDriver: 'json-file',
  CgroupDriver: 'cgroupfs',
  OSType: 'linux',
  IndexServerAddress: 'https://index.docker.io/v1/',
  RegistryConfig: {
    IndexConfigs: { 'docker.io': { Name: 'docker.io', Mirrors: [], Secure: true, Official: true } },
    InsecureRegistryCIDRs: ['::1/128', '127.0.0.0/8'],
    Mirrors: null,
  },
  GenericResources: null,
  HttpProxy: '',
  HttpsProxy: '',
  NoProxy: '',
  Labels: [],
  ExperimentalBuild: false,
  // The name by which clients ask for the only one; it is ours.
  DefaultRuntime: 'runc',
  Runtimes: { runc: { path: 'tscompose-native' } },
  Swarm: {
    NodeID: '',
    NodeAddr: '',
    LocalNodeState: 'inactive',
    ControlAvailable: false,
    Error: '',
    RemoteManagers: null,
  },
  LiveRestoreEnabled: true,
  Isolation: '',
  InitBinary: 'tscompose-native',
  ContainerdCommit: { ID: '' },
  FirewallBackend: { Driver: 'nftables' },
  CDISpecDirs: [],
} as const satisfies Partial<InfoResponse>

type StateField =
  | 'Containers'
  | 'ContainersRunning'
  | 'ContainersPaused'
  | 'ContainersStopped'
  | 'Images'
  | 'NFd'
  | 'NGoroutines'
  | 'SystemTime'
  | 'NEventsListener'

/** Docker's names for what a folder lies on, by the kernel's magic numbers; of others it says as little. */
const FILESYSTEMS: Readonly<Record<number, string>> = {
  61267: 'extfs',
  1481003842: 'xfs',
  2435016766: 'btrfs',
  16914836: 'tmpfs',
  801189825: 'zfs',
  2035054128: 'overlayfs',
}

function backingFilesystem(folder: string): string {
  return FILESYSTEMS[statfsSync(folder).type] ?? '<unknown>'
}

function osRelease(key: string): string | undefined {
  const text = readIfThereSync('/etc/os-release') ?? ''
  return new RegExp(`^${key}="?([^"\n]*)"?$`, 'm').exec(text)?.[1]
}
