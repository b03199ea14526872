/**
 * How a process is asked for: each connection to the spawner begins with the same few numbers, {u32 magic, u32 kind, u32 streams,
 * u32 zero, u64 token}, little-endian. One of a mode becomes fd 3 and 4 of a new process, once those of its streams, which have the
 * same token, are there. What follows is read by that process alone.
 */
export const HELLO_MAGIC = 0x48_43_53_54
/** Bytes of the numbers. */
export const HELLO_LENGTH = 24

/** What a connection is to be: of a mode, or a stream of a process. */
export const HELLO = {
  run: 0,
  monitor: 1,
  exec: 2,
  hold: 3,
  rules: 4,
  front: 5,
  stdin: 16,
  stdout: 17,
  stderr: 18,
} as const

/** Modes of the binary. */
export type Mode = 'run' | 'monitor' | 'exec' | 'hold' | 'rules' | 'front'
/** What a process may have of its caller's as 0, 1 and 2; the null device is in the place of others. */
export type Stream = 'stdin' | 'stdout' | 'stderr'

/** The numbers that a connection begins with. `streams`: those that the process has. */
export function encodeHello(kind: Mode | Stream, token: bigint, streams: readonly Stream[] = []): Buffer {
  const bytes = Buffer.alloc(HELLO_LENGTH)
  bytes.writeUInt32LE(HELLO_MAGIC, 0)
  bytes.writeUInt32LE(HELLO[kind], 4)
  bytes.writeUInt32LE(
    streams.reduce((mask, stream) => mask | (1 << (HELLO[stream] - HELLO.stdin)), 0),
    8,
  )
  bytes.writeBigUInt64LE(token, 16)
  return bytes
}
