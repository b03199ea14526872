import type { HostConfig, PortMap, Resources, Told } from '../../../api/types/index.ts'
import type { Host } from '../../runtime/index.ts'
import { MASKED_PATHS, READONLY_PATHS } from '../../security/paths.ts'
import type { ContainerTerms } from '../../terms/index.ts'

/** What Docker says of limits that were not asked for. */
const NO_LIMITS: Told<Resources> = {
  CpuShares: 0,
  Memory: 0,
  NanoCpus: 0,
  CgroupParent: '',
  BlkioWeight: 0,
  BlkioWeightDevice: null,
  BlkioDeviceReadBps: null,
  BlkioDeviceWriteBps: null,
  BlkioDeviceReadIOps: null,
  BlkioDeviceWriteIOps: null,
  CpuPeriod: 0,
  CpuQuota: 0,
  CpuRealtimePeriod: 0,
  CpuRealtimeRuntime: 0,
  CpusetCpus: '',
  CpusetMems: '',
  Devices: null,
  DeviceCgroupRules: null,
  DeviceRequests: null,
  MemoryReservation: 0,
  MemorySwap: 0,
  MemorySwappiness: null,
  OomKillDisable: null,
  PidsLimit: null,
  Ulimits: null,
  CpuCount: 0,
  CpuPercent: 0,
  IOMaximumIOps: 0,
  IOMaximumBandwidth: 0,
}

/** And of all else; what is in neither list is left out where nobody asked for it. */
const NOTHING_ASKED: Told<HostConfig> = {
  Binds: null,
  ContainerIDFile: '',
  NetworkMode: 'bridge',
  PortBindings: null,
  RestartPolicy: { Name: 'no', MaximumRetryCount: 0 },
  AutoRemove: false,
  VolumeDriver: '',
  VolumesFrom: null,
  ConsoleSize: [0, 0],
  CapAdd: null,
  CapDrop: null,
  CgroupnsMode: 'private',
  Dns: null,
  DnsOptions: null,
  DnsSearch: null,
  ExtraHosts: null,
  GroupAdd: null,
  IpcMode: 'private',
  Cgroup: '',
  Links: null,
  OomScoreAdj: 0,
  PidMode: '',
  Privileged: false,
  PublishAllPorts: false,
  ReadonlyRootfs: false,
  SecurityOpt: null,
  UTSMode: '',
  UsernsMode: '',
  ShmSize: 64 * 1024 * 1024,
  Runtime: 'runc',
  Isolation: '',
  ...NO_LIMITS,
}

/** `HostConfig` of an inspect: what was asked for, and Docker's word for what was not. `links`: see `linkTexts`. */
export function renderHostConfig(
  asked: HostConfig,
  terms: ContainerTerms,
  host: Pick<Host, 'maskedPaths' | 'cgroups'>,
  links: readonly string[] = [],
): Told<HostConfig> {
  const { log, security } = terms
  const unlessPrivileged = (paths: readonly string[]): readonly string[] | null =>
    security.privileged ? null : paths
  const given = Object.fromEntries(Object.entries(asked).filter(([name, value]) => isAsked(name, value)))
  return {
    ...NOTHING_ASKED,
    // Only the older layout of control groups has the switch.
    OomKillDisable: host.cgroups.version === 1 ? false : null,
    ...given,
    NetworkMode: networkModeOf(asked),
    PortBindings: wholePortBindings(asked),
    SecurityOpt: securityOptionsOf(asked),
    LogConfig: { Type: log.driver, Config: log.options },
    RestartPolicy: {
      Name: asked.RestartPolicy?.Name || 'no',
      MaximumRetryCount: asked.RestartPolicy?.MaximumRetryCount ?? 0,
      ...(asked.RestartPolicy?.TscomposeUnhealthy === true ? { TscomposeUnhealthy: true } : {}),
    },
    MemorySwap: asked.MemorySwap || 2 * Math.max(0, asked.Memory ?? 0),
    // They are the endpoints' own matter where names resolve.
    Links: links.length === 0 ? null : links,
    MaskedPaths: security.maskedPaths ?? unlessPrivileged([...MASKED_PATHS, ...host.maskedPaths]),
    ReadonlyPaths: security.readonlyPaths ?? unlessPrivileged(READONLY_PATHS),
  }
}

/** With an empty text for each part that was not asked for. */
export function wholePortBindings({ PortBindings }: HostConfig): PortMap | null {
  return PortBindings === undefined ? null : mapValues(PortBindings, wholeBindings)
}

function wholeBindings(bindings: PortMap[string] | undefined): PortMap[string] {
  return (bindings ?? []).map(({ HostIp = '', HostPort = '' }) => ({ HostIp, HostPort }))
}

function mapValues<A, B>(
  map: Readonly<Record<string, A>>,
  change: (value: A) => B,
): Readonly<Record<string, B>> {
  return Object.fromEntries(Object.entries(map).map(([key, value]) => [key, change(value)]))
}

/** Docker takes labels off whoever is near the host, and says so, whether there are labels or not. */
function securityOptionsOf({
  SecurityOpt,
  Privileged,
  PidMode,
  IpcMode,
}: HostConfig): readonly string[] | null {
  const isNear = Privileged === true || PidMode === 'host' || IpcMode === 'host'
  return SecurityOpt ?? (isNear ? ['label=disable'] : null)
}

/** The network mode by its one name. */
export function networkModeOf({ NetworkMode = '' }: HostConfig): string {
  return NetworkMode === '' || NetworkMode === 'default' ? 'bridge' : NetworkMode
}

/** Fields of which an empty value asks for the default. */
const DEFAULTED = ['CgroupnsMode', 'IpcMode', 'Runtime', 'ShmSize']

function isAsked(name: string, value: unknown): boolean {
  if (value === undefined) return false
  return !DEFAULTED.includes(name) || (value !== '' && value !== 0)
}
