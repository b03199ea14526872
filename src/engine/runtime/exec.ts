import type { ProcessOfThisBoot } from '../../linux/process-identity.ts'
import type { Program } from '../../native/index.ts'
import { joinGroups } from './groups.ts'
import type { CompilerHost } from './host.ts'
import { allowLimits, compileExecOp, compileProcess, oomScore } from './process.ts'
import type { ExecProcess, RuntimeSpec, SecurityOptions } from './spec.ts'

/**
 * The program of one more process in a running container, for `Native.exec`: the container's namespaces and groups,
 * its capabilities and its filter. `spec` is the one that the container was compiled from.
 */
export function compileExec(
  spec: Pick<RuntimeSpec, 'id' | 'process' | 'security' | 'userNamespace'>,
  target: ProcessOfThisBoot,
  process: ExecProcess,
  host: CompilerHost,
): Program {
  const paths = host.cgroups.pathsOf(spec.id)
  const group = paths.unified === undefined ? {} : { group: paths.unified }
  const inside = compileProcess(process, execSecurity(spec.security, process), host)
  return {
    launch: [{ op: 'join', pid: target.pid, startTime: target.startTime, ...group }],
    attend: [...(spec.userNamespace === undefined ? [] : allowLimits(inside)), oomScore(spec.process)],
    groups: joinGroups(paths),
    inside: [...(process.tty ? [{ op: 'console' } as const] : []), ...inside],
    exec: [compileExecOp(process, false)],
  }
}

/** `exec --privileged` has every capability; a container's own filter stays, as wide as those capabilities make it. */
function execSecurity(security: SecurityOptions, process: ExecProcess): SecurityOptions {
  if (!process.privileged || security.privileged) return security
  return { ...security, capAdd: ['ALL'], capDrop: [] }
}
