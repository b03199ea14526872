import { failure } from '../../diagnostics/index.ts'
import type { Program } from '../../native/index.ts'
import type { Host } from './host.ts'
import type { ExecProcess, ExecTarget, RuntimeSpec } from './spec.ts'

/**
 * The program of one more process in a running container, for `Native.exec`: the container's namespaces and groups,
 * its capabilities and its filter. `spec` is the one that the container was compiled from.
 */
export function compileExec(
  spec: RuntimeSpec,
  target: ExecTarget,
  process: ExecProcess,
  host: Host,
): Program {
  throw failure({
    code: 'NOT_YET',
    kind: 'notImplemented',
    summary: `exec ${spec.id} ${target.pid} ${process.argv.length} ${host.architecture}`,
  })
}
