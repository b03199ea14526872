import type { HostConfig } from '../../../api/types/index.ts'
import type { RestartPolicy } from '../../../native/index.ts'
import type { NetworkOps } from '../../../network/index.ts'
import { hostNamesOf } from '../../groups/host-names.ts'
import { namespacesOf } from '../../groups/namespaces.ts'
import { defaultEnvironment, type ResolvedUser } from '../../rootfs/index.ts'
import type {
  DeviceOptions,
  EtcFiles,
  LogSettings,
  Rlimit,
  RuntimeMount,
  RuntimeSpec,
} from '../../runtime/index.ts'
import type { Container } from '../../state/container.ts'
import type { EngineContext } from '../../state/context.ts'
import { limitsOf } from '../../terms/limits.ts'
import { parseSecurityOptions } from '../../terms/security.ts'
import { parseSize } from '../../words/sizes.ts'

/** Of the last 100 MB that a container wrote nothing is lost: a fifth file is about to be removed, or was just begun. */
const DEFAULT_LOG_SIZE = 25_000_000
const DEFAULT_LOG_FILES = 5

/** What a start finds out before it can describe the container to the runtime. */
export interface SpecParts {
  readonly layers: readonly string[]
  readonly mounts: readonly RuntimeMount[]
  readonly etc: EtcFiles
  readonly user: ResolvedUser
  readonly network: NetworkOps
}

/** The engine-level description of a container: record and found parts, without a look at the world. */
export function buildSpec(engine: EngineContext, container: Container, parts: SpecParts): RuntimeSpec {
  const { config, hostConfig, argv, id } = container.record
  const { paths } = container
  const names = hostNamesOf(engine, container)
  return {
    id,
    ...names,
    root: {
      layers: [...parts.layers, engine.paths.initLayer],
      upper: paths.upper,
      work: paths.work,
      readonly: hostConfig.ReadonlyRootfs === true,
    },
    mounts: parts.mounts,
    etc: parts.etc,
    process: {
      argv,
      env: defaultEnvironment({
        hostname: names.hostname,
        home: parts.user.home,
        tty: config.Tty === true,
        env: config.Env ?? [],
      }),
      cwd: config.WorkingDir || '/',
      user: parts.user,
      tty: config.Tty === true,
      rlimits: rlimitsOf(hostConfig),
      ...(hostConfig.OomScoreAdj ? { oomScoreAdj: hostConfig.OomScoreAdj } : {}),
    },
    namespaces: namespacesOf(engine, hostConfig),
    security: parseSecurityOptions(hostConfig),
    network: parts.network,
    limits: limitsOf(hostConfig),
    devices: devicesOf(hostConfig),
    sysctls: { ...parts.network.sysctls, ...hostConfig.Sysctls },
    ...(hostConfig.ShmSize ? { shmSize: hostConfig.ShmSize } : {}),
    init: hostConfig.Init === true,
    openStdin: config.OpenStdin === true,
    supervision: {
      runFolder: paths.runFolder,
      statusPath: paths.status,
      socketPath: paths.socket,
      ...logSettings(hostConfig, paths.log),
      ...restartOf(hostConfig, container.record.state.restartsBefore),
      stdinOnce: config.StdinOnce === true,
      ...consoleSize(hostConfig),
    },
  }
}

/** `RestartPolicy` in the monitor's terms; of its retries, `before` have been used up by other monitors. */
export function restartOf(
  host: Pick<HostConfig, 'RestartPolicy'>,
  before: number = 0,
): { readonly restart: RestartPolicy; readonly restartMax: number } {
  const { Name, MaximumRetryCount = 0 } = host.RestartPolicy ?? {}
  // For the monitor, 0 is no limit.
  if (MaximumRetryCount > 0 && before >= MaximumRetryCount) return { restart: 'no', restartMax: 0 }
  return { restart: Name || 'no', restartMax: Math.max(0, MaximumRetryCount - before) }
}

/** The first size of the terminal; a client that leaves it out, or sends zeroes, has the usual one. */
function consoleSize({ ConsoleSize }: HostConfig): { readonly rows?: number; readonly cols?: number } {
  const [rows = 0, cols = 0] = ConsoleSize ?? []
  return rows > 0 && cols > 0 ? { rows, cols } : {}
}

/** Where its log is and what of it is kept; nothing without one. */
export function logSettings(host: HostConfig, path: string): { readonly log?: LogSettings } {
  const { Type, Config = {} } = host.LogConfig ?? {}
  if (Type === 'none') return {}
  const size = Config['max-size']
  // Docker's json-file keeps one file where a size alone is given, and so as much as was asked for.
  const hasOneFile = size !== undefined && Type !== 'local'
  return {
    log: {
      path,
      // -1 is Docker's word for «never rotate», the monitor's is 0.
      maxSize: size === undefined ? DEFAULT_LOG_SIZE : size === '-1' ? 0 : parseSize(size),
      maxFiles: Number(Config['max-file'] ?? (hasOneFile ? 1 : DEFAULT_LOG_FILES)),
    },
  }
}

/** Devices and device rules in the runtime's terms. */
export function devicesOf(host: HostConfig): DeviceOptions {
  return {
    mappings: (host.Devices ?? []).map(({ PathOnHost, PathInContainer, CgroupPermissions }) => ({
      source: PathOnHost,
      target: PathInContainer || PathOnHost,
      permissions: CgroupPermissions || 'rwm',
    })),
    rules: host.DeviceCgroupRules ?? [],
  }
}

/** `Ulimits` in the runtime's terms. */
export function rlimitsOf(host: HostConfig): Rlimit[] {
  return (host.Ulimits ?? []).map(({ Name, Soft, Hard }) => ({ name: Name, soft: Soft, hard: Hard }))
}
