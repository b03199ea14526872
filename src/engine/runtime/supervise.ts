import { type MonitorOp, PROC_SOURCES, type ProcServerOp, type Program } from '../../native/index.ts'
import { type CgroupPaths, procSources } from '../cgroup/index.ts'
import { procServerConfinement } from '../security/relay.ts'
import type { CompilerHost } from './host.ts'
import type { RuntimeSpec } from './spec.ts'

/**
 * Milliseconds: a client that is attached and takes nothing for so long is let go. Docker waits for ever; here a client that
 * was stopped and forgotten must not stop a service.
 */
export const PATIENCE = 300_000

/** What stays beside a container as long as it runs: its monitor, what its networks want, and the server of its /proc files. */
export function superviseOps(
  spec: RuntimeSpec,
  paths: CgroupPaths,
  host: CompilerHost,
): NonNullable<Program['supervise']> {
  const server = spec.procFiles === true ? [procServerOp(spec, paths, host)] : []
  return [monitorOp(spec, paths), ...spec.network.supervise, ...server]
}

function monitorOp(spec: RuntimeSpec, paths: CgroupPaths): MonitorOp {
  const { supervision } = spec
  const first = spec.userNamespace?.first ?? 0
  const { log } = supervision
  return {
    op: 'monitor',
    socket: supervision.socketPath,
    status: supervision.statusPath,
    ...(log === undefined ? {} : { log: log.path }),
    logMaxSize: log?.maxSize ?? 0,
    logMaxFiles: log?.maxFiles ?? 1,
    tty: spec.process.tty === true,
    openStdin: spec.openStdin === true,
    stdinOnce: supervision.stdinOnce === true,
    ownerUid: first + spec.process.user.uid,
    ownerGid: first + spec.process.user.gid,
    restart: supervision.restart,
    restartMax: supervision.restartMax ?? 0,
    ...(paths.oomCounter === undefined ? {} : { oomCounter: paths.oomCounter }),
    ...(paths.unified === undefined ? {} : { cgroupKill: `${paths.unified}/cgroup.kill` }),
    rows: supervision.rows ?? 24,
    cols: supervision.cols ?? 80,
    patience: PATIENCE,
  }
}

function procServerOp(spec: RuntimeSpec, paths: CgroupPaths, host: CompilerHost): ProcServerOp {
  const { version } = host.cgroups
  const sources = procSources(version, paths, host.cgroups.budgetPathsOf(spec.id))
  return {
    op: 'procServer',
    folder: spec.supervision.procFolder,
    sources: PROC_SOURCES.map(name => sources[name] ?? ''),
    together: version === 1,
    ...procServerConfinement(host.architecture),
    owner: spec.userNamespace?.first ?? 0,
  }
}
