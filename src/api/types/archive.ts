import type { Readable } from 'node:stream'

/** What a path in a container is; sent as base64 JSON in `X-Docker-Container-Path-Stat`. */
export interface PathStat {
  readonly name: string
  readonly size: number
  /** Go's `os.FileMode`: permission bits, with type bits from the top (directory 1 << 31, symlink 1 << 27). */
  readonly mode: number
  /** RFC 3339. */
  readonly mtime: string
  readonly linkTarget: string
}

/** A path of a container as a tar stream. */
export interface ArchiveDownload {
  readonly stat: PathStat
  readonly tar: Readable
}

/**
 * A tar as it comes in the body of a request. `holdable` is there where its connection may be left to somebody who takes content from it by
 * the descriptor, so that it does not pass through this process.
 */
export type UploadedTar = Readable & { readonly holdable?: HoldableBody }

/** What comes next on a connection: content alone, the line before a chunk of it (RFC 9112, 7.1), or the rest of a chunk and such a line. */
export interface NextBytes {
  readonly kind: 'bytes' | 'size' | 'chunk'
  /** Bytes of it; 0 of a line. */
  readonly left: number
}

/** A connection of this process: its descriptor, and the inode of its socket. */
export interface OpenSocket {
  readonly fd: number
  readonly inode: bigint
}

/** A body that is read from its connection by ourselves. */
export interface HoldableBody {
  readonly connection: OpenSocket
  /** Reads no more of it: what comes next; undefined where that cannot be told yet, since what was read is not all taken or ends within a line. */
  hold(): NextBytes | undefined
  /** Reads on, where it was held and nothing is taken. */
  readOn(): void
  /** Reads on behind `count` bytes that were taken; undefined: nobody knows what comes next, and the body fails. */
  goOn(taken: { readonly count: number; readonly next: NextBytes } | undefined): void
}

export interface ArchiveUploadOptions {
  /** A folder in the container; it must exist. */
  readonly path: string
  /** Refuse to put a non-folder in a folder's place and the other way round. */
  readonly noOverwriteDirNonDir: boolean
  /** Keep the owners that the archive names. */
  readonly copyUIDGID: boolean
  /** Ours: what the container's `TscomposeInjected` is from now on, kept and not read. Docker drops it. */
  readonly injected?: string
  /**
   * Ours: absolute paths of files in the archive that the container is to see though a tmpfs lies over their folders: each of its starts
   * mounts them there, read-only. Docker drops it, and what is covered is not seen.
   */
  readonly overMounts?: readonly string[]
}
