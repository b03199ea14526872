/**
 * Entries of an archive on the wire, little-endian: what `unpack` takes behind its program, and `pack` gives. Head: u32
 * kind, u32 length of the payload, u64 bytes of content, which follow the payload. Payload: u32 mode, uid, gid, major,
 * minor, nanoseconds, i64 seconds, u32 length of the name, of the link's target, count of attributes; the name and the
 * target, each with a NUL; attributes: u32 length of the name, u32 of the value, name with a NUL, value.
 */

/** What an entry may be in a tree, by its number. */
export const ENTRY_TYPES = {
  file: 1,
  link: 2,
  symlink: 3,
  char: 4,
  block: 5,
  folder: 6,
  fifo: 7,
} as const

/** One of them. */
export type EntryType = keyof typeof ENTRY_TYPES

const TYPES = Object.keys(ENTRY_TYPES) as EntryType[]

/** What has a number; undefined when nothing has it. */
export function entryTypeOf(kind: number): EntryType | undefined {
  return TYPES.find(type => ENTRY_TYPES[type] === kind)
}

/** The archive is whole. */
export const ENTRY_END = 0
/** The time of a folder that came before, when all in it is there. */
export const ENTRY_FOLDER_TIME = 8
/**
 * A file whose content does not follow: `unpack` tells where it has the file open, and whoever sent the entry writes to it
 * and says by one byte that it is whole. Told: u32 pid, u32 fd, u64 device, u64 inode, by which the file is known again.
 */
export const ENTRY_LARGE_FILE = 9
/** Bytes of what is told of a large file. */
export const ENTRY_TOLD = 24

/** What may be said of a large file, by one byte. */
export const LARGE = {
  whole: 1,
  /**
   * `unpack` takes content from its connection and appends it to the file. Three u64 follow: what comes next on it (`TAKE`), how many bytes there are of that,
   * and how many it is to take at most. Told: u64 bytes taken, of what comes next the bytes, and what.
   */
  take: 2,
} as const
/** Numbers that follow `take`. */
export const TAKE_NUMBERS = 3
/** Bytes of what is told of it. */
export const TAKE_TOLD = 24
/** What comes next on a connection: content alone, the line before a chunk of it (RFC 9112, 7.1), or the rest of a chunk and such a line. */
export const TAKE = { bytes: 1, size: 2, chunk: 3 } as const

/** Bytes of a head. */
export const ENTRY_HEAD = 16
/** Bytes of a payload before its texts. */
export const ENTRY_NUMBERS = 44
/** Longest payload that `unpack` takes. */
export const ENTRY_MAX: number = 1536 * 1024
