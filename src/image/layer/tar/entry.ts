/** Kinds of entries that a file tree has. */
export type TarType = 'file' | 'link' | 'symlink' | 'char' | 'block' | 'folder' | 'fifo'

/** Type flag of each kind in a ustar header. */
export const TYPE_FLAGS: Readonly<Record<TarType, string>> = {
  file: '0',
  link: '1',
  symlink: '2',
  char: '3',
  block: '4',
  folder: '5',
  fifo: '6',
}

/** One entry of a tar archive. Names and links are raw bytes as latin1 text, since file names need not be UTF-8. */
export interface TarEntry {
  readonly type: TarType
  readonly name: string
  readonly linkName: string
  /** Permission bits with setuid, setgid and sticky. */
  readonly mode: number
  readonly uid: number
  readonly gid: number
  /** Bytes of a file; 0 for all else. */
  readonly size: number
  /** Whole seconds since 1970. */
  readonly mtime: number
  readonly devMajor: number
  readonly devMinor: number
  /** Extended attributes by name; values are raw bytes as latin1 text. */
  readonly xattrs: ReadonlyMap<string, string>
}

/** Size of a tar record: everything is padded to it. */
export const BLOCK = 512
/** Prefix of the PAX records that hold extended attributes. */
export const XATTR_PREFIX = 'SCHILY.xattr.'
