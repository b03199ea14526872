/** Numbers of the program's and the reply's binary form. All integers are little-endian. */

/** First four bytes of a program: "TSCP". */
export const MAGIC = 0x50435354
/** First four bytes of a reply: "TSCR". */
export const REPLY_MAGIC = 0x52435354
/** Raised when a program of before can no longer be read. */
export const VERSION = 2
/** Bytes of a program at most. */
export const MAX_PROGRAM = 8_388_608
/** Slots there are. */
export const MAX_SLOTS = 512
/** {magic, total length, errno, op index, stage, pid, exit code, detail length, result count}. */
export const REPLY_HEAD = 36
