import { failure } from '../../diagnostics/index.ts'
import type { AttendOp, ExecOp, InsideOp } from '../../native/index.ts'
import { compileConfinement, compileCredentials } from './credentials.ts'
import type { CompilerHost } from './host.ts'
import { compileRlimits } from './rlimits.ts'
import type { RuntimeProcess, SecurityOptions } from './spec.ts'

/** Docker's: group and others may not write what the payload makes. */
const UMASK = 0o022

/**
 * What a process is, from inside its root until it becomes the payload; the same for a container's first process and
 * for exec, so that none has a right that the other has not (CVE-2022-36109 and kin).
 */
export function compileProcess(
  process: RuntimeProcess,
  security: SecurityOptions,
  host: CompilerHost,
): InsideOp[] {
  return [
    { op: 'umask', mask: UMASK },
    { op: 'chdir', path: process.cwd, create: false },
    ...compileConfinement(security, host),
    // Behind all that opens files: few may be allowed.
    ...compileRlimits(process.rlimits ?? [], host.rlimits, host.capabilities),
    ...compileCredentials(process.user, security, host),
  ]
}

/** What `compileProcess` limits is allowed from outside before: in a user namespace nobody may raise a hard limit. */
export function allowLimits(inside: readonly InsideOp[]): AttendOp[] {
  return inside.flatMap(op =>
    op.op === 'rlimit' ? [{ op: 'allowLimit', resource: op.resource, hard: op.hard } as const] : [],
  )
}

/** EACCES: the engine's own is higher, and it has not the right to lower it. */
const NOT_LOWERED = [13]

/**
 * Its OOM score, which would be the engine's, that of whoever called it first: Docker's default is 0. One that is asked for
 * must be had.
 */
export function oomScore({ oomScoreAdj }: Pick<RuntimeProcess, 'oomScoreAdj'>): AttendOp {
  const write = { op: 'writeProc', file: 'oom_score_adj' } as const
  if (oomScoreAdj !== undefined) return { ...write, value: String(oomScoreAdj) }
  return { ...write, value: '0', ignore: NOT_LOWERED }
}

/** The payload itself. Fails with `COMMAND_INVALID`. */
export function compileExecOp(process: RuntimeProcess, init: boolean): ExecOp {
  const [command] = process.argv
  const everything = [...process.argv, ...process.env]
  if (command === undefined || everything.some(text => text.includes('\0'))) {
    throw failure({
      code: 'COMMAND_INVALID',
      kind: 'invalidArgument',
      summary: command === undefined ? 'no command specified' : 'command or environment holds a NUL byte',
    })
  }
  return { op: 'exec', argv: process.argv, env: process.env, init }
}
