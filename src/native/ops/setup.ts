/** Operations of the stage `setup`: namespaces and network that outlive restarts. */
import type { IdRange, Slot } from './values.ts'

/** Makes the container's network namespace (fd 100), once a monitor. */
export interface NewNetnsOp {
  readonly op: 'newNetns'
  /** The user namespace that shall own it. */
  readonly usernsSlot?: Slot
}

/**
 * Opens an existing network namespace as the container's (fd 100): `/proc/<pid>/ns/net`, `/proc/<monitor>/fd/100`. Fails
 * with ESRCH when the number is another process's by now.
 */
export interface OpenNetnsOp {
  readonly op: 'openNetns'
  readonly path: string
  /** The process whose file it is, and its start (clock ticks since boot); absent where the path names no process. */
  readonly pid?: number
  readonly startTime?: bigint
}

/**
 * Makes a user namespace with these maps, to idmap mounts with or to own namespaces; no other may be made in it. The
 * result is the number of its fd in the process, as 4 bytes.
 */
export interface CreateUsernsOp {
  readonly op: 'createUserns'
  readonly slot: Slot
  readonly uidMap: readonly IdRange[]
  readonly gidMap: readonly IdRange[]
}

/**
 * Opens a user namespace that several containers share, by a file of a process that holds it (`/proc/<pid>/fd/<n>`,
 * `/proc/<pid>/ns/user`). Fails with ESRCH when the number is another process's by now.
 */
export interface OpenUsernsOp {
  readonly op: 'openUserns'
  readonly slot: Slot
  readonly path: string
  readonly pid: number
  /** Clock ticks since boot. */
  readonly startTime: bigint
}

/** Sends netlink messages one after the other; each that has NLM_F_ACK is awaited, its error fails the operation. */
export interface NetlinkOp {
  readonly op: 'netlink'
  readonly netns: 'host' | 'container'
  /** `route` unless told. */
  readonly protocol?: 'route' | 'netfilter'
  /** Whole nlmsgs, aligned to 4. */
  readonly bytes: Uint8Array
  /** Errno numbers that are fine (17 = EEXIST to ensure, 19 = ENODEV to remove). */
  readonly ignore?: readonly number[]
  /** A message that removes what is in the way: where the first ones meet EEXIST it is sent, and then they once more. Of `route` alone. */
  readonly stale?: Uint8Array
  /** What these bytes do, for the sentence of a failure: `create bridge tsc-0123`. */
  readonly purpose: string
}

/**
 * Sends one netlink dump request; the answer's messages are a result of the reply. Of the objects in it, which begin with a struct of `head` bytes,
 * the attributes at these paths are kept (a byte for each type, from the outside in), where there are any. `run` mode only.
 */
export interface NetlinkDumpOp {
  readonly op: 'netlinkDump'
  readonly netns: 'host' | 'container'
  readonly protocol?: 'route' | 'netfilter' | 'sockets'
  readonly bytes: Uint8Array
  readonly head?: number
  readonly keep?: readonly number[]
}
