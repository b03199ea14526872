import type { LogStream } from './log-printer.ts'

/** Bytes of the head of a frame of Docker's multiplexed stream: {u8 stream, 3 × 0, u32be length}. */
const HEAD = 8

/**
 * Reads a container's output, handed over in pieces cut anywhere: raw for a terminal, otherwise multiplexed frames
 * (Engine API, "attach").
 */
export function demultiplexer(
  tty: boolean,
  onOutput: (kind: LogStream, bytes: Buffer) => void,
): (bytes: Buffer) => void {
  if (tty) return bytes => onOutput('stdout', bytes)
  let pending: Buffer = Buffer.alloc(0)
  return bytes => {
    pending = pending.length === 0 ? bytes : Buffer.concat([pending, bytes])
    let at = 0
    while (pending.length - at >= HEAD) {
      const length = pending.readUInt32BE(at + 4)
      if (pending.length - at < HEAD + length) break
      onOutput(pending[at] === 2 ? 'stderr' : 'stdout', pending.subarray(at + HEAD, at + HEAD + length))
      at += HEAD + length
    }
    pending = pending.subarray(at)
  }
}
