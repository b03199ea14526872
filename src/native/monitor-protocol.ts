/**
 * The protocol of a monitor's socket: frames {u8 type, u8 flag, u16 zero, u32 length, payload}, little-endian.
 * Requests that change something are answered in order of arrival, but `start` when the container runs or failed.
 */
/** Types of frames from the engine. */
export const REQUEST = {
  start: 1,
  signal: 2,
  resize: 3,
  stdin: 4,
  stdinClose: 5,
  attach: 6,
  subscribe: 7,
  setRestart: 8,
  setNetworks: 9,
  follow: 10,
  renew: 11,
  /** The connection becomes the relay's, which writes its log to it (`dns-log.ts`). */
  dnsLog: 12,
  setPorts: 13,
  /** The connection becomes the relay's, which writes the names to it that it has refused, and ends it (`dns-log.ts`). */
  refusedNames: 14,
  /** As `setPorts`, by listeners of another monitor, too: the path of its socket, with a NUL, stands before the program. */
  takePorts: 15,
  /** Another monitor gets copies of all listeners, and the connection ends. */
  giveListeners: 16,
  /** The program of the next runs, and the log's limits in it from now on. */
  setProgram: 17,
  /** The map in which its listeners of TCP say where they lead. */
  shortcut: 18,
  /** What is asked for (`SLEEP`), a number, and bytes. The errno EAGAIN says that somebody has come since it was asked last. */
  sleep: 19,
  /** The servers that its relay asks from now on: a program of one `relay`. */
  setServers: 20,
} as const

/** What a monitor does about its container's sleep. */
export const SLEEP = {
  /** Goes on, or begins the next run. */
  wake: 0,
  /** Looks out for packets that a filter lets through (`struct sock_filter[]`), and says whether any has come since it was asked last. */
  watch: 1,
  /** Stands still, unless one has come; bytes: the filter from then on. */
  freeze: 2,
  /** Ends a run that stands still, by the signal that the number is; bytes: milliseconds of grace, length of the netlink batch that holds refusals back, it, and the one that lets them go. */
  end: 3,
} as const

/** Types of frames from the monitor. */
export const MESSAGE = {
  /** Answer: flag = type of the request, payload = a reply (see reply.ts). */
  answer: 64,
  /** Output of the container: flag = 1 stdout (and tty), 2 stderr. */
  output: 65,
  /** The text of the status file, sent to subscribers at once and at each change. */
  status: 66,
  /** The last word to an attached connection that was let go: it took nothing for too long. All before it is whole. */
  lost: 67,
} as const

/** Bytes of a frame's head. */
export const FRAME_HEAD = 8
/** Longest payload of a frame. */
export const FRAME_MAX = 65_536
