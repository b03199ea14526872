import { failure } from '../../diagnostics/index.ts'
import type { ProcessOfThisBoot } from '../../linux/process-identity.ts'
import { type ExecOptions, type ExecSession, firstProcessOf, type OutsideOp } from '../../native/index.ts'
import { defaultEnvironment, openRootOf, type ResolvedUser, resolveUser } from '../rootfs/index.ts'
import { compileExec, type RuntimeSpec } from '../runtime/index.ts'
import type { Container } from '../state/container.ts'
import type { EngineContext } from '../state/context.ts'
import type { Live } from '../state/live.ts'

const MOST_BYTES = 1 << 20

/** One more process in a running container. */
export interface ExecRequest {
  readonly argv: readonly string[]
  /** `NAME=value`, added to the container's; a bare `NAME` is dropped. */
  readonly env?: readonly string[]
  /** Variables that the container's own replace. */
  readonly given?: readonly string[]
  /** Absent: the container's own. */
  readonly user?: ResolvedUser
  readonly cwd?: string
  readonly privileged?: boolean
  readonly tty?: boolean
}

/** What an exec takes of the engine. */
export type ExecContext = Pick<EngineContext, 'host' | 'native'>

/** Runs a command in a running container. CONTAINER_NOT_RUNNING, CONTAINER_PAUSED, or why it cannot be executed. */
export async function runExec(
  engine: ExecContext,
  container: Container,
  request: ExecRequest,
  options: ExecOptions,
): Promise<ExecSession> {
  const { live, target } = targetOf(container)
  const spec = await live.spec()
  const { process: own } = container.terms
  const user = request.user ?? { home: homeOf(spec), ...spec.process.user }
  const tty = request.tty === true
  const process = {
    argv: request.argv,
    env: defaultEnvironment({
      hostname: spec.hostname,
      home: user.home,
      tty,
      env: [...(request.given ?? []), ...own.env, ...(request.env ?? [])],
    }),
    cwd: request.cwd || own.cwd,
    user,
    tty,
    rlimits: spec.process.rlimits ?? [],
    privileged: request.privileged === true,
  }
  return await engine.native.exec(compileExec(spec, target, process, engine.host), options)
}

/** The process to join. CONTAINER_NOT_RUNNING, CONTAINER_PAUSED. */
export function targetOf(container: Container): { live: Live; target: ProcessOfThisBoot } {
  const { live } = container
  if (live?.status === undefined || !container.running) {
    throw failure({
      code: 'CONTAINER_NOT_RUNNING',
      kind: 'conflict',
      summary: `container ${container.id} is not running`,
    })
  }
  if (container.paused) {
    throw failure({
      code: 'CONTAINER_PAUSED',
      kind: 'conflict',
      summary: `container ${container.name} is paused, unpause the container before exec`,
      facts: { name: container.name, state: 'paused' },
    })
  }
  return { live, target: firstProcessOf(live.status) }
}

/** `user[:group]` by the files that the container has now. USER_INVALID, USER_UNKNOWN, GROUP_UNKNOWN. */
export async function userIn(
  engine: ExecContext,
  container: Container,
  wanted: string,
): Promise<ResolvedUser> {
  const read = (path: string): OutsideOp => ({
    op: 'readFile',
    slot: 0,
    path,
    maxBytes: MOST_BYTES,
    optional: true,
  })
  const open = openRootOf(targetOf(container).target, 0, 1)
  const reply = await engine.native.run({ outside: [...open, read('/etc/passwd'), read('/etc/group')] })
  const text = (index: number): string => reply.results.get(index)?.toString('utf8') ?? ''
  return resolveUser(wanted, { passwd: text(open.length), group: text(open.length + 1) })
}

function homeOf(spec: RuntimeSpec): string {
  const entry = spec.process.env.findLast(each => each.startsWith('HOME='))
  return entry?.slice('HOME='.length) ?? '/'
}
