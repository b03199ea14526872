/** Bits of Go's `fs.FileMode`, as fsutil sends modes. */
const FOLDER = 0x80000000
const SYMLINK = 0x08000000
const SETUID = 0x00800000
const SETGID = 0x00400000
const STICKY = 0x00100000
/** All that make a file something else than a regular one. */
const KINDS = 0x8f280000

/** What entries of a tree are, here. */
export type FileKind = 'file' | 'folder' | 'symlink'

/** Kind and permission bits of a mode; undefined for what has no place in a context: devices, pipes. */
export function readFileMode(
  mode: number,
): { readonly kind: FileKind; readonly permissions: number } | undefined {
  const kind = kindOf(mode)
  if (kind === undefined) return undefined
  const special = (mode & SETUID ? 0o4000 : 0) | (mode & SETGID ? 0o2000 : 0) | (mode & STICKY ? 0o1000 : 0)
  return { kind, permissions: (mode & 0o777) | special }
}

function kindOf(mode: number): FileKind | undefined {
  const kinds = (mode & KINDS) >>> 0
  if (kinds === 0) return 'file'
  if (kinds === FOLDER) return 'folder'
  return kinds === SYMLINK ? 'symlink' : undefined
}

/** The mode of an entry. */
export function writeFileMode(kind: FileKind, permissions: number): number {
  const bits = kind === 'folder' ? FOLDER : kind === 'symlink' ? SYMLINK : 0
  const special =
    (permissions & 0o4000 ? SETUID : 0) |
    (permissions & 0o2000 ? SETGID : 0) |
    (permissions & 0o1000 ? STICKY : 0)
  return (bits | special | (permissions & 0o777)) >>> 0
}
