/** Operations of the stages `launch`, `attend` and `groups`: the first process. */
import type { NamespaceKind, Slot } from './values.ts'

/** Clones the container's first process, stopped until `attend` is done. */
export interface CloneOp {
  readonly op: 'clone'
  /** Namespaces made new. Without `mnt` there is no container: it is required. */
  readonly newNamespaces: readonly Exclude<NamespaceKind, 'time' | 'net'>[]
  /** `container`: joins fd 100; `host`: stays. */
  readonly net: 'container' | 'host'
  /** Namespaces joined, opened before with `openNamespace` (pid, ipc, uts … of another container). */
  readonly joinSlots?: readonly Slot[]
  /** v2 cgroup folder that the process begins in. */
  readonly cgroupSlot?: Slot
  /** User namespace, of others too, in which it is root and which owns its new namespaces. */
  readonly usernsSlot?: Slot
}

/** Joins a running container (`exec` mode): all namespaces of its first process, the mount namespace last. */
export interface JoinOp {
  readonly op: 'join'
  readonly pid: number
  /** Field 22 of /proc/<pid>/stat, so that a reused pid is never entered. */
  readonly startTime: bigint
  /** v2 cgroup folder that the process begins in. */
  readonly group?: string
}

/**
 * The new process, of one thread and still the host's root, joins a v1 group by its file `tasks`: the kernel moves who moves himself, and no other
 * thread, without having all that begins or ends on the machine wait (cgroup_procs_write_start, Linux 5.5).
 */
export interface JoinGroupOp {
  readonly op: 'joinGroup'
  /** The file. */
  readonly path: string
  /** Its folder, where that is open: the file is looked for there, by its name alone. */
  readonly slot?: Slot
}

/** Writes a file of /proc/<pid> of the new process: uid_map, gid_map, setgroups, oom_score_adj. */
export interface WriteProcOp {
  readonly op: 'writeProc'
  readonly file: 'uid_map' | 'gid_map' | 'setgroups' | 'oom_score_adj'
  readonly value: string
  /** Errnos that are no failure. */
  readonly ignore?: readonly number[]
}

/** Raises the new process's hard limit to at least `hard`, which in a user namespace it cannot do itself. */
export interface AllowLimitOp {
  readonly op: 'allowLimit'
  /** RLIMIT_*. */
  readonly resource: number
  readonly hard: bigint
}
