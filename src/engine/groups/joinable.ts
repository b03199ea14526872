import type { HostConfig } from '../../api/types/index.ts'
import { failure } from '../../diagnostics/index.ts'
import type { EngineContext } from '../state/context.ts'

const CONTAINER = 'container:'

/** Containers that are joined exist, and do not keep their ipc namespace to themselves. CONTAINER_NOT_FOUND, NAMESPACE_MODE. */
export function checkJoinable(engine: EngineContext, host: HostConfig): void {
  if (host.PidMode?.startsWith('container:')) engine.containers.resolve(host.PidMode.slice(CONTAINER.length))
  if (!host.IpcMode?.startsWith('container:')) return
  const { name, record } = engine.containers.resolve(host.IpcMode.slice(CONTAINER.length))
  const mode = record.hostConfig.IpcMode ?? ''
  if (mode !== 'private' && mode !== 'none') return
  throw failure({
    code: 'NAMESPACE_MODE',
    kind: 'conflict',
    summary: `the ipc namespace of container ${name} cannot be joined: its mode is "${mode}"`,
    hint: 'give that one the mode "shareable"',
  })
}
