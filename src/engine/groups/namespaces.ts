import type { HostConfig } from '../../api/types/index.ts'
import { failure } from '../../diagnostics/index.ts'
import type {
  ExecTarget,
  NamespaceMode,
  Namespaces,
  NetworkNamespaceFile,
  NetworkNamespaceMode,
} from '../runtime/index.ts'
import type { Container } from '../state/container.ts'
import type { EngineContext } from '../state/context.ts'
import { parseNetworkMode } from '../terms/network-mode.ts'

const PRIVATE = { kind: 'private' } as const
const HOST = { kind: 'host' } as const

/** The namespaces that the modes of a HostConfig ask for. Joined containers must run: CONTAINER_NOT_RUNNING. */
export function namespacesOf(engine: EngineContext, host: HostConfig): Namespaces {
  return {
    pid: joined(engine, host.PidMode),
    net: networkNamespace(engine, host),
    ipc: joined(engine, host.IpcMode),
    uts: host.UTSMode === 'host' ? HOST : PRIVATE,
    cgroup: host.CgroupnsMode === 'host' ? HOST : PRIVATE,
    ...(host.IpcMode === 'none' ? { withoutShm: true } : {}),
  }
}

function joined(engine: EngineContext, mode: string | undefined): NamespaceMode {
  if (mode === 'host') return HOST
  const target = targetOf(engine, mode)
  return target === undefined ? PRIVATE : { kind: 'process', ...firstProcess(target) }
}

/** By the monitor's fd: that namespace stays the same over restarts of the container that owns it. */
function networkNamespace(engine: EngineContext, host: HostConfig): NetworkNamespaceMode {
  const mode = parseNetworkMode(host.NetworkMode)
  if (mode.kind === 'host') return HOST
  if (mode.kind !== 'container') return PRIVATE
  const owner = networkOwner(engine, engine.containers.resolve(mode.reference))
  if (parseNetworkMode(owner.record.hostConfig.NetworkMode).kind === 'host') return HOST
  return { kind: 'path', ...networkNamespaceOf(owner) }
}

/** Follows `container:` to the container whose own network it is. */
export function networkOwner(engine: EngineContext, container: Container, depth = 0): Container {
  const mode = parseNetworkMode(container.record.hostConfig.NetworkMode)
  if (mode.kind !== 'container') return container
  if (depth > 16) {
    throw failure({
      code: 'NETWORK_MODE',
      kind: 'invalidArgument',
      summary: `network modes of ${container.name} go round in a circle`,
    })
  }
  return networkOwner(engine, engine.containers.resolve(mode.reference), depth + 1)
}

/** The file of a running container's network namespace, which its monitor holds. */
export function networkNamespaceOf(container: Container): Required<NetworkNamespaceFile> {
  firstProcess(container)
  const { monitorPid = 0, monitorStartTime = 0n } = container.live?.status ?? {}
  return { path: `/proc/${monitorPid}/fd/100`, pid: monitorPid, startTime: monitorStartTime }
}

function targetOf(engine: EngineContext, mode: string | undefined): Container | undefined {
  return mode?.startsWith('container:')
    ? engine.containers.resolve(mode.slice('container:'.length))
    : undefined
}

/** PID 1 of a container that must run. */
function firstProcess(container: Container): ExecTarget {
  const { pid = 0, pidStartTime = 0n } = (container.running && container.live?.status) || {}
  if (pid > 0) return { pid, startTime: pidStartTime }
  throw failure({
    code: 'CONTAINER_NOT_RUNNING',
    kind: 'conflict',
    summary: `cannot join container ${container.name}: it is not running`,
  })
}
