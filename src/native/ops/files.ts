/** Operations on files for `run` programs. */
import type { Slot } from './values.ts'

/** Copies the entries of a tree (or one file), owners, modes, times, xattrs, links kept. `run` mode only. */
export interface CopyTreeOp {
  readonly op: 'copyTree'
  readonly fromSlot: Slot
  /** Beneath the slot. A folder: its content is merged into the target folder, which takes its times and nothing else. */
  readonly from: string
  readonly toSlot: Slot
  readonly to: string
  /** Make a target folder that is missing, with its parents. */
  readonly create: boolean
  /** Copy overlay whiteouts (char 0:0) and opaque markers. */
  readonly whiteouts?: boolean
  /** Owner of everything copied, instead of the source's. */
  readonly uid?: number
  readonly gid?: number
  /** Permission bits of every file and folder copied, instead of the source's. */
  readonly mode?: number
}

/** Reads a regular file beneath a slot; its bytes are a result. Missing: ENOENT, and EINVAL what is no regular file, unless `optional` (no result). */
export interface ReadFileOp {
  readonly op: 'readFile'
  readonly slot: Slot
  readonly path: string
  readonly maxBytes: number
  readonly optional?: boolean
}

/**
 * Connects from the container's network namespace (fd 100) or at a socket of its files, and says something: the first line of
 * the answer, of at most 4,096 bytes, is the result. The first address that takes the connection is asked. `run` mode only.
 */
export interface DialOp {
  readonly op: 'dial'
  /** A unix socket, opened before by `open` as a `path`; asked before all addresses. */
  readonly slot?: Slot
  /** Addresses of IP, or abstract names that begin with `@`. */
  readonly addresses?: readonly string[]
  readonly port?: number
  /** Empty: that the connection is taken is answer enough. */
  readonly send: Uint8Array | string
  /** Milliseconds for all of it: ETIMEDOUT. */
  readonly timeout: number
}

/** Reads an extended attribute (never following a last link); its value is a result. Missing: no result. */
export interface GetXattrOp {
  readonly op: 'getXattr'
  readonly slot: Slot
  readonly path: string
  readonly name: string
}

export interface SetXattrOp {
  readonly op: 'setXattr'
  readonly slot: Slot
  readonly path: string
  readonly name: string
  readonly value: Uint8Array
  /** Errnos that are fine. */
  readonly ignore?: readonly number[]
}

/** Removes a path beneath a slot with everything in it. Missing is fine. */
export interface RemoveTreeOp {
  readonly op: 'removeTree'
  readonly slot: Slot
  readonly path: string
}

/**
 * Opens a connection of the caller's by its descriptor, so that `unpack` may take content from it, or to know what became of what was sent. The slot stays empty where that is not
 * allowed, or the descriptor is another's than the socket of this inode.
 */
export interface OpenConnectionOp {
  readonly op: 'openConnection'
  readonly slot: Slot
  readonly fd: number
  readonly inode: bigint
  /**
   * Milliseconds in which the other end of a unix socket has read all that it was sent: ETIMEDOUT. The result is the pid of whoever opened it, four
   * bytes; none where the slot stays empty.
   */
  readonly readWithin?: number
}

/**
 * Makes the entries that come behind the program (`Native.unpack`) in a folder beneath a slot. Links on the way resolve in
 * the slot's root; what lies in an entry's place is removed, but for a folder in a folder's. `run` mode only.
 */
export interface UnpackOp {
  readonly op: 'unpack'
  readonly slot: Slot
  readonly path: string
  /** A folder in the place of anything else, and anything else in a folder's, is a failure: EISDIR, ENOTDIR. */
  readonly keepKinds?: boolean
  /** Owner of all entries, instead of what they say. */
  readonly uid?: number
  readonly gid?: number
  /** Permission bits of all entries, instead of what they say. */
  readonly mode?: number
  /** The connection that content may be taken from, where that was opened. */
  readonly connection?: Slot
}

/**
 * Reads what lies at a path beneath a slot and all below it: entries for `Native.pack`, names relative to it (its own is
 * empty), sorted. Further names of a file are links. `run` mode only.
 */
export interface PackOp {
  readonly op: 'pack'
  readonly slot: Slot
  readonly path: string
}

/** Bytes on disk of a folder beneath a slot with everything in it, as a result of 8 bytes. `run` mode only. */
export interface TreeSizeOp {
  readonly op: 'treeSize'
  readonly slot: Slot
  readonly path: string
}

/** Waits until all that was written to the filesystem of a slot is on its disk (syncfs). */
export interface SyncFilesystemOp {
  readonly op: 'syncFilesystem'
  readonly slot: Slot
}

/**
 * Has the filesystem of a slot's folder put each folder that is made in it where there is most room, and not beside its neighbours
 * (FS_TOPDIR_FL, ext4's `chattr +T`). Nothing where it knows no such thing.
 */
export interface SpreadFoldersOp {
  readonly op: 'spreadFolders'
  readonly slot: Slot
}

/**
 * Mounts a file system on a folder of the host, by mount(2), for everybody to see: it holds when the program has ended,
 * until `unmountHost`. `run` mode only.
 */
export interface MountHostOp {
  readonly op: 'mountHost'
  readonly type: string
  readonly device: string
  readonly target: string
  /** MS_* of mount(2). */
  readonly flags: number
  /** Options of the file system, parted by commas. */
  readonly data: string
}

/** Takes the uppermost mount off a folder of the host; who has files open there keeps them (MNT_DETACH). `run` mode only. */
export interface UnmountHostOp {
  readonly op: 'unmountHost'
  readonly target: string
}

/**
 * Looks at what lies at a path beneath a slot; links on the way resolve within. The result is read by `decodeFound`; nothing
 * there gives none.
 */
export interface LookUpOp {
  readonly op: 'lookUp'
  readonly slot: Slot
  readonly path: string
  /** A link at the end too. */
  readonly follow?: boolean
}
