/** Entries made beneath a root, outside or inside. */
import type { Slot } from './values.ts'

/** Where a beneath path starts: the container's root, or (outside) the folder or mount in a slot. */
export interface Beneath {
  /** Required outside; inside, the container's root when absent. */
  readonly slot?: Slot
  readonly path: string
}

/** Ensures a folder and its parents; mode and owner are set on the last one only when it was made. */
export interface MkdirOp extends Beneath {
  readonly op: 'mkdir'
  readonly mode: number
  readonly uid?: number
  readonly gid?: number
}

/** Makes a device node or FIFO; one that exists is replaced. */
export interface MknodOp extends Beneath {
  readonly op: 'mknod'
  readonly type: 'char' | 'block' | 'fifo'
  readonly major?: number
  readonly minor?: number
  readonly mode: number
  readonly uid?: number
  readonly gid?: number
}

/** Gives what lies at a path, and all below it, a label of SELinux. A link is labelled itself; file systems without labels stay as they are. */
export interface RelabelOp extends Beneath {
  readonly op: 'relabel'
  readonly label: string
  /** Errnos that are fine. */
  readonly ignore?: readonly number[]
}

/** Makes a symbolic link; `replace` removes a file or link in its place, otherwise an existing entry stays. */
export interface SymlinkOp extends Beneath {
  readonly op: 'symlink'
  readonly target: string
  readonly replace?: boolean
}
