import { failure } from '../diagnostics/index.ts'
import type { StreamName } from './types/streams.ts'

/**
 * Output of a process without a terminal travels in frames: a byte that names the stream, three zeroes, the payload's
 * length as 32 bits big endian, the payload (Engine API, "Attach to a container", stream format).
 */
export const HEADER_SIZE = 8

const STREAMS: readonly StreamName[] = ['stdin', 'stdout', 'stderr']
/** The engine's own error, sent in the middle of a stream. */
const SYSTEM_ERROR = 3
/** Ours, to who asks for it: a value of JSON that is told beside the output. */
const TOLD = 4
/** Of what is gathered: an error, or what is told. */
const GATHERED_LIMIT = 64 * 1024

/** Writes a frame's header at `offset` of `target`. */
export function writeFrameHeader(
  target: Buffer,
  offset: number,
  stream: 'stdout' | 'stderr',
  length: number,
): void {
  target.writeUInt32BE(stream === 'stdout' ? 0x01000000 : 0x02000000, offset)
  target.writeUInt32BE(length, offset + 4)
}

/** One frame, header and payload. */
export function encodeFrame(stream: 'stdout' | 'stderr', bytes: Uint8Array): Buffer {
  const frame = Buffer.allocUnsafe(HEADER_SIZE + bytes.length)
  writeFrameHeader(frame, 0, stream, bytes.length)
  frame.set(bytes, HEADER_SIZE)
  return frame
}

/** What is told beside the output, in a frame of its own. */
export function encodeTold(value: object): Buffer {
  const text = Buffer.from(JSON.stringify(value))
  const header = Buffer.alloc(HEADER_SIZE)
  header[0] = TOLD
  header.writeUInt32BE(text.length, 4)
  return Buffer.concat([header, text])
}

/** Takes chunks as they come, cut anywhere. */
export type FrameDecoder = (chunk: Uint8Array) => void

/**
 * Takes frames apart. Payloads are handed on in pieces as they arrive, `isEnd` with the last of a frame, and are never gathered, so memory
 * stays bounded whatever length a header claims; `stdin` (an echo in Docker's protocol) counts as stdout. Throws a `Failure`
 * `FRAME_MALFORMED` where no header can be, and `STREAM_ERROR` for the engine's error in the stream. `onTold`: who has asked for what
 * is told beside the output.
 */
export function frameDecoder(
  onBytes: (stream: 'stdout' | 'stderr', bytes: Uint8Array, isEnd: boolean) => void,
  onTold?: (value: object) => void,
): FrameDecoder {
  const last = onTold === undefined ? SYSTEM_ERROR : TOLD
  const header = Buffer.alloc(HEADER_SIZE)
  let filled = 0
  let remaining = 0
  let kind = 0
  let message = Buffer.alloc(0)

  const open = (): void => {
    kind = header[0] ?? 0
    remaining = header.readUInt32BE(4)
    filled = 0
    const padded = header[1] === 0 && header[2] === 0 && header[3] === 0
    const sane = kind < SYSTEM_ERROR || remaining <= GATHERED_LIMIT
    if (kind <= last && padded && sane) return
    throw failure({
      code: 'FRAME_MALFORMED',
      kind: 'internal',
      summary: `Read a frame header, got ${header.toString('hex')}`,
      hint: 'the output of a container with a terminal is not framed',
    })
  }
  const pass = (bytes: Uint8Array): void => {
    if (kind < SYSTEM_ERROR) {
      onBytes(STREAMS[kind] === 'stderr' ? 'stderr' : 'stdout', bytes, remaining === 0)
      return
    }
    message = Buffer.concat([message, bytes])
    if (remaining > 0) return
    const text = message.toString()
    message = Buffer.alloc(0)
    if (kind === SYSTEM_ERROR) throw failure({ code: 'STREAM_ERROR', summary: text.trim() })
    onTold?.(JSON.parse(text))
  }
  return chunk => {
    let at = 0
    while (at < chunk.length) {
      if (remaining === 0) {
        const part = chunk.subarray(at, at + HEADER_SIZE - filled)
        header.set(part, filled)
        filled += part.length
        at += part.length
        if (filled === HEADER_SIZE) open()
        continue
      }
      const part = chunk.subarray(at, at + remaining)
      at += part.length
      remaining -= part.length
      pass(part)
    }
  }
}
