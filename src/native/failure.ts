import {
  DISK_FULL_ERRNOS,
  DISK_FULL_HINT,
  type ErrorKind,
  Failure,
  failure,
  MOUNT_FULL_HINT,
} from '../diagnostics/index.ts'
import { errnoText } from '../linux/errno.ts'
import { describeOp } from './describe.ts'
import { flatten } from './encode.ts'
import type { Op, Program, Stage } from './program.ts'
import { STAGES } from './program.ts'
import type { Reply } from './reply.ts'

/** What exactly the native binary could not do; the `cause` of its Failure. */
export interface NativeError {
  /** The operation; undefined when it failed outside of all. */
  readonly op: Op | undefined
  readonly opIndex: number
  readonly stage: Stage | undefined
  /** `ENOENT`, `EADDRINUSE` … */
  readonly errno: string
  readonly detail: string
}

interface Meaning {
  readonly code: string
  readonly kind: ErrorKind
  readonly hint?: string
}

/** Operations that write to a disk. Of others ENOSPC may say that there are too many namespaces, mounts or watches. */
const WRITING: ReadonlySet<Op['op']> = new Set([
  'monitor',
  'overlay',
  'copyTree',
  'unpack',
  'setXattr',
  'mkdir',
  'mknod',
  'symlink',
  'mount',
  'moveMount',
  'chdir',
])

/** Whether one of them works where the container has its mounts: it makes the place of another mount, or the working directory. */
function isAmongMounts(op: Op): boolean {
  return op.op === 'moveMount' || op.op === 'chdir' || (op.op === 'mkdir' && !('slot' in op))
}

/** Errnos that an entry of an archive is to blame for: a file in a folder's place, a link to nothing, too long a name … */
const UNPACKABLE: ReadonlySet<string> = new Set([
  'EINVAL',
  'EISDIR',
  'ELOOP',
  'ENAMETOOLONG',
  'ENOENT',
  'ENOTDIR',
  'EPROTO',
  'EXDEV',
])

/** Operations that need a process of a container, and errnos that say that it has ended. */
const JOINING: ReadonlySet<Op['op']> = new Set(['join', 'openNamespace', 'enter', 'setLimit'])
const GONE: ReadonlySet<string> = new Set(['ESRCH', 'ENOENT'])
/** Errnos of a control group that was removed, before it was opened or after. */
const GROUP_GONE: ReadonlySet<string> = new Set(['ENODEV', 'ENOENT'])

const KILLED_HINT = 'where nobody has done that, its memory limit is too low for what a start takes'

const UNMAPPED_HINT =
  "the container's user namespace has the ids to 65535 alone; userns_mode: host gives it all of them"
const SCORE_HINT =
  'the kernel lets nobody below the score that the engine was started with who has not the capability SYS_RESOURCE'

const PORTS_HINT =
  'each published port is an open file: raise the limit (`ulimit -Hn`) before the engine starts, or publish fewer'

const NOT_RUNNING: Meaning = { code: 'CONTAINER_NOT_RUNNING', kind: 'conflict' }

/**
 * Whether a container ended while somebody joined it: its groups went, or its pid namespace lets nobody in any more, which the
 * kernel says by ENOMEM (pid_namespaces(7)).
 */
function isOutlived(op: Op | undefined, errno: string, detail: string): boolean {
  return (
    ((op?.op === 'joinGroup' || op?.op === 'join') && GROUP_GONE.has(errno)) ||
    (op?.op === 'exec' && errno === 'ENOMEM' && detail === 'clone')
  )
}

/** What some failures mean to the user; all others are NATIVE_FAILED. */
function meaningOf(op: Op | undefined, errno: string): Meaning {
  if (op?.op === 'exec') {
    if (errno === 'ENOENT') return { code: 'COMMAND_NOT_FOUND', kind: 'invalidArgument' }
    if (errno === 'ETIMEDOUT') return { code: 'COMMAND_START_TIMEOUT', kind: 'unavailable' }
    if (errno === 'ESRCH') return { code: 'COMMAND_KILLED', kind: 'unavailable', hint: KILLED_HINT }
    return { code: 'COMMAND_NOT_EXECUTABLE', kind: 'invalidArgument' }
  }
  if (op?.op === 'chdir' && /^(ENOENT|ENOTDIR)$/.test(errno)) {
    return { code: 'WORKING_DIR_MISSING', kind: 'invalidArgument' }
  }
  // Of all folders a container's working directory alone is made from inside.
  if (op?.op === 'mkdir' && !('slot' in op) && errno === 'ENOTDIR') {
    return { code: 'WORKING_DIR_BLOCKED', kind: 'invalidArgument', hint: 'a file is in its way' }
  }
  if (op?.op === 'sysctl' && /^(ENOENT|EINVAL)$/.test(errno)) {
    return { code: 'SYSCTL_REFUSED', kind: 'invalidArgument' }
  }
  // In a user namespace, an id that it does not have.
  if (op?.op === 'user' && errno === 'EINVAL')
    return { code: 'USER_NOT_MAPPED', kind: 'invalidArgument', hint: UNMAPPED_HINT }
  if (op?.op === 'writeProc' && op.file === 'oom_score_adj' && errno === 'EACCES')
    return { code: 'OOM_SCORE_REFUSED', kind: 'invalidArgument', hint: SCORE_HINT }
  if (op?.op === 'publish') {
    if (errno === 'EADDRINUSE') return { code: 'PORT_IN_USE', kind: 'conflict' }
    if (errno === 'EADDRNOTAVAIL') return { code: 'HOST_IP_UNKNOWN', kind: 'invalidArgument' }
    if (errno === 'EMFILE') return { code: 'FD_LIMIT', kind: 'unavailable', hint: PORTS_HINT }
  }
  if (op !== undefined && WRITING.has(op.op) && DISK_FULL_ERRNOS.includes(errno)) {
    const hint = isAmongMounts(op) ? MOUNT_FULL_HINT : DISK_FULL_HINT
    return { code: 'DISK_FULL', kind: 'unavailable', hint }
  }
  if (op?.op === 'unpack' && UNPACKABLE.has(errno)) return { code: 'TAR_INVALID', kind: 'invalidArgument' }
  if (op?.op === 'openTree' && op.fromSlot !== undefined && /^(ENOENT|ENOTDIR)$/.test(errno)) {
    return { code: 'SUBPATH_MISSING', kind: 'invalidArgument', hint: 'make it in the volume first' }
  }
  // The kernel says no more of a file that is to lie on a folder, or of a folder on a file.
  if (op?.op === 'moveMount' && errno === 'EINVAL') {
    return {
      code: 'MOUNT_KIND',
      kind: 'invalidArgument',
      hint: 'a file can be mounted on a file alone, and a folder on a folder: look at what the image has there',
    }
  }
  if (op?.op === 'pack' && errno === 'ENOENT') return { code: 'PATH_NOT_FOUND', kind: 'notFound' }
  if (op?.op === 'unpack' && errno === 'EROFS') return { code: 'PATH_READONLY', kind: 'invalidArgument' }
  if (op !== undefined && JOINING.has(op.op) && GONE.has(errno)) return NOT_RUNNING
  return { code: 'NATIVE_FAILED', kind: 'internal' }
}

/** The Failure of a reply that says that something failed. */
export function failureOf(program: Program, reply: Reply): Failure {
  const { op, stage } = placeOf(program, reply.opIndex, reply.stage)
  return failureOfOp(op, stage, reply, program.launch?.[0]?.op === 'join')
}

/** The Failure of an entry of an archive whose content this process could not write; other errors are given back. */
export function failureOfEntry(program: Program, error: unknown, name: string): unknown {
  if (!(error instanceof Error && 'errno' in error && typeof error.errno === 'number')) return error
  const ops = flatten(program)
  const opIndex = ops.findIndex(({ op }) => op.op === 'unpack')
  const detail = Buffer.from(name, 'latin1').toString()
  return failureOfOp(ops[opIndex]?.op, 'outside', { errno: -error.errno, opIndex, detail })
}

/** The operation that failed. init does not know the index of the command that it runs: it is the one of its stage. */
function placeOf(
  program: Program,
  opIndex: number,
  stageIndex: number,
): { readonly op: Op | undefined; readonly stage: Stage | undefined } {
  const stage = STAGES[stageIndex]
  const op = flatten(program)[opIndex]?.op ?? (stage === 'exec' ? program.exec?.[0] : undefined)
  return { op, stage }
}

function failureOfOp(
  op: Op | undefined,
  stage: Stage | undefined,
  reply: Pick<Reply, 'errno' | 'opIndex' | 'detail'>,
  joins = false,
): Failure {
  const { name, words } = errnoText(reply.errno)
  const cause: NativeError = { op, opIndex: reply.opIndex, stage, errno: name, detail: reply.detail }
  if (name === 'EPROTO' && reply.detail.startsWith('program')) {
    return failure({
      code: 'NATIVE_PROGRAM_REFUSED',
      summary: `The native binary refuses the program at operation ${reply.opIndex} (${op?.op ?? 'its head'})`,
      hint: 'the binary and the JavaScript are of different builds: build both with `npm run build`',
      cause,
    })
  }
  if (name === 'EMFILE' && reply.detail === 'ulimit -n') {
    return failure({
      code: 'FD_LIMIT',
      kind: 'unavailable',
      summary:
        'The limit of open files is below the 256 that a container takes, and may not be raised from here',
      hint: 'raise it with `ulimit -n` before the engine starts',
      cause,
    })
  }
  const what = op === undefined ? 'run the native program' : describeOp(op)
  return failure({
    ...(joins && isOutlived(op, name, reply.detail) ? NOT_RUNNING : meaningOf(op, name)),
    summary: `Cannot ${what}: ${words}`,
    ...(reply.detail === '' ? {} : { detail: reply.detail }),
    facts: {
      errno: words,
      detail: reply.detail,
      ...(op !== undefined && 'path' in op ? { path: String(op.path) } : {}),
    },
    cause,
  })
}

/** The Failure of the `error` of a monitor's status, `op:stage:errno:detail`; undefined when there was none. */
export function failureOfStatus(program: Program | undefined, error: string): Failure | undefined {
  const match = /^(\d+):(\d+):(\d+):(.*)$/s.exec(error)
  if (match === null) return undefined
  const [, opIndex, stage, errno, detail] = match
  const place = placeOf(program ?? {}, Number(opIndex), Number(stage))
  return failureOfOp(place.op, place.stage, {
    errno: Number(errno),
    opIndex: Number(opIndex),
    detail: detail ?? '',
  })
}

/** Whether a monitor refused a request because it is of a version that does not know it: monitors outlive upgrades. */
export function isUnknownToMonitor(error: unknown): boolean {
  return nativeErrorOf(error)?.errno === 'EPROTO'
}

/** The facts of a Failure that the native binary caused; undefined for any other error. */
export function nativeErrorOf(error: unknown): NativeError | undefined {
  if (!(error instanceof Failure)) return undefined
  const { cause } = error
  return typeof cause === 'object' && cause !== null && 'errno' in cause && 'opIndex' in cause
    ? (cause as NativeError)
    : undefined
}
