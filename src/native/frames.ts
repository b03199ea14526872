import { failure } from '../diagnostics/index.ts'
import { FRAME_HEAD } from './monitor-protocol.ts'

/** A frame of the monitor's socket. */
export interface Frame {
  readonly type: number
  readonly flag: number
  readonly payload: Buffer
}

/** Longest payload that a monitor sends: a reply may be as long as its results. */
const LONGEST = 16 * 1024 * 1024

/** The bytes of a frame. */
export function encodeFrame(type: number, payload: Buffer, flag = 0): Buffer {
  const head = Buffer.alloc(FRAME_HEAD)
  head.writeUInt8(type, 0)
  head.writeUInt8(flag, 1)
  head.writeUInt32LE(payload.length, 4)
  return Buffer.concat([head, payload])
}

/** A frame of two numbers: signals and sizes. */
export function encodeNumbers(type: number, first: number, second: number): Buffer {
  const payload = Buffer.alloc(8)
  payload.writeUInt32LE(first, 0)
  payload.writeUInt32LE(second, 4)
  return encodeFrame(type, payload)
}

/** Cuts a stream of bytes into frames, without copying those that came whole. */
export class FrameReader {
  #chunks: Buffer[] = []
  #length = 0

  /** Takes a chunk; gives the frames that are whole now. Raises NATIVE_FRAME_INVALID for a length that cannot be. */
  push(chunk: Buffer): Frame[] {
    this.#chunks.push(chunk)
    this.#length += chunk.length
    const frames: Frame[] = []
    let bytes: Buffer | undefined
    let at = 0
    while (this.#length - at >= FRAME_HEAD) {
      bytes ??= this.#joined()
      const length = bytes.readUInt32LE(at + 4)
      if (length > LONGEST)
        throw failure({ code: 'NATIVE_FRAME_INVALID', summary: `Monitor sent a frame of ${length} bytes` })
      const end = at + FRAME_HEAD + length
      if (end > this.#length) break
      frames.push({
        type: bytes.readUInt8(at),
        flag: bytes.readUInt8(at + 1),
        payload: bytes.subarray(at + FRAME_HEAD, end),
      })
      at = end
    }
    if (bytes !== undefined) {
      this.#chunks = at === this.#length ? [] : [bytes.subarray(at)]
      this.#length -= at
    }
    return frames
  }

  #joined(): Buffer {
    const [first] = this.#chunks
    const bytes = this.#chunks.length === 1 && first !== undefined ? first : Buffer.concat(this.#chunks)
    this.#chunks = [bytes]
    return bytes
  }
}
