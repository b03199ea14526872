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
  /** What is left of a second; read where an archive has it, never written. */
  readonly nanoseconds: number
  readonly devMajor: number
  readonly devMinor: number
  /** Extended attributes by name; values are raw bytes as latin1 text. */
  readonly xattrs: ReadonlyMap<string, string>
}

/** The entry of a file or folder of root's with nothing special about it. */
export function plainEntry(entry: Pick<TarEntry, 'type' | 'name'> & Partial<TarEntry>): TarEntry {
  return {
    linkName: '',
    mode: entry.type === 'folder' ? 0o755 : 0o644,
    uid: 0,
    gid: 0,
    size: 0,
    mtime: 0,
    nanoseconds: 0,
    devMajor: 0,
    devMinor: 0,
    xattrs: NO_XATTRS,
    ...entry,
  }
}

const NO_XATTRS: ReadonlyMap<string, string> = new Map()

/** Size of a tar record: everything is padded to it. */
export const BLOCK = 512
/** Prefix of the PAX records that hold extended attributes. */
export const XATTR_PREFIX = 'SCHILY.xattr.'
