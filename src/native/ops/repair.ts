/** Operations about a container that runs, of `run` programs: what it has is read, and put right where it is. */
import type { MountAttribute } from './values.ts'

/** A process that is known for certain: fails with ESRCH when the number is another's by now. */
interface OfProcess {
  readonly pid: number
  /** Clock ticks since boot. */
  readonly startTime: bigint
}

/**
 * Joins the namespaces of a running container, but those of pids and clocks, and does the operations of the stage `inside` there:
 * its root is where their paths begin. The last of the stage `outside`; nothing may be launched.
 */
export interface EnterOp extends OfProcess {
  readonly op: 'enter'
  /** As root of its user namespace, as the container was made; otherwise with the rights of the host. */
  readonly mapped: boolean
}

/** The uppermost mount at a path beneath the root: ENOENT where that is not the one with this number (mountinfo) any more. */
interface OfMount {
  readonly target: string
  readonly mount: number
}

/** Takes a mount away; who has files open there keeps them. Behind `enter`. */
export interface UnmountOp extends OfMount {
  readonly op: 'unmount'
}

/** Changes a mount, and the options of its file system (the size of a tmpfs). Behind `enter`. */
export interface ChangeMountOp extends OfMount {
  readonly op: 'changeMount'
  readonly attributes?: readonly MountAttribute[]
  readonly cleared?: readonly MountAttribute[]
  /** `key=value`. */
  readonly options?: readonly string[]
}

/**
 * Sysctls as the network, ipc and uts namespace of a process have them (`kernel.hostname` is one). The result is one value behind the
 * other, each with a NUL, an empty one of what is not there; none of a process that has ended.
 */
export interface ReadSysctlsOp extends OfProcess {
  readonly op: 'readSysctls'
  readonly keys: readonly string[]
}

/**
 * Files as they are now, of a folder or by whole paths; of each file only the lines that begin with one of `lines`, where there are any.
 * The result is read by `readTexts`; there is none where the process that they are of has ended.
 */
export interface ReadFilesOp extends Partial<OfProcess> {
  readonly op: 'readFiles'
  readonly folder: string
  readonly names: readonly string[]
  readonly lines?: readonly string[]
  /** Whose each file is, too, and who may do what with it (`readAccess`). */
  readonly access?: boolean
}

/** Which of its children is called so, by the first word of its command line: u32, 0 for none. The result is empty where the kernel does not tell of children. */
export interface FindChildOp {
  readonly op: 'findChild'
  readonly pid: number
  readonly name: string
}

/**
 * Which file each path leads to: the result is the same as before where all lead where they did. It is empty where one leads nowhere, and where the
 * kernel would have to ask a disk or a server.
 */
export interface StatFilesOp {
  readonly op: 'statFiles'
  readonly paths: readonly string[]
  /** What paths of the engine's own folder begin with: a disk that is asked for these answers. */
  readonly own?: string
}

/**
 * Whether a container's table of mounts is as it was when this was last asked for, by whomever: `fd` of its monitor, which the monitor's status names.
 * The result is empty where it may be another, else a one and the sizes of the file systems at `places`, by `mounts` of these numbers, 0 for any: u64 each.
 */
export interface AskMountsOp {
  readonly op: 'askMounts'
  readonly monitorPid: number
  readonly monitorStartTime: bigint
  readonly fd: number
  /** Beneath whose root the places are. */
  readonly pid: number
  readonly places: readonly string[]
  readonly mounts: readonly number[]
}

/**
 * Which files places beneath a process's root lead to, each as of `statFiles`, followed by a u64: 1 where it is read-only there, 2 where it is a
 * folder (`placesInside`). Empty where one of them is not there.
 */
export interface StatInsideOp {
  readonly op: 'statInside'
  readonly pid: number
  readonly paths: readonly string[]
}

/** prlimit of another process; `resource` is the kernel's number (RLIMIT_*). */
export interface SetLimitOp extends OfProcess {
  readonly op: 'setLimit'
  readonly resource: number
  readonly soft: bigint
  readonly hard: bigint
}
