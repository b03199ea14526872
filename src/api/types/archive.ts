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
