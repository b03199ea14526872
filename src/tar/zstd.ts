import type { Decompress } from 'fzstd'
import { malformed } from './failure.ts'

/** Windows that are taken, as the program `zstd` takes them when it is told nothing: each costs memory of that size. */
const MAX_WINDOW = 128 * 1024 * 1024
/** What is given to the library at once: four bytes can stand for 128 KiB, and all that they stand for is held. */
const PIECE = 1024

/**
 * The data in zstd's frames (RFC 8878), where the program is not installed: some times slower, and checksums of frames are not
 * compared. Node's own zlib, where it has zstd, is not used: it ends without a word after the first frame, and layers have many.
 * Raises TAR_MALFORMED.
 */
export async function* unzstd(bytes: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const { Decompress } = await import('fzstd')
  let ready: Buffer[] = []
  const decoder = new Decompress(data => {
    if (windowOf(decoder) > MAX_WINDOW) throw new Error('its window is too large')
    ready.push(Buffer.from(data.buffer, data.byteOffset, data.byteLength))
  })
  const push = (piece: Buffer, isLast: boolean): void => {
    try {
      decoder.push(piece, isLast)
    } catch (error) {
      throw malformed('its zstd data is damaged', error)
    }
  }
  for await (const chunk of bytes) {
    for (let start = 0; start < chunk.length; start += PIECE) {
      push(chunk.subarray(start, start + PIECE), false)
      yield* ready
      ready = []
    }
  }
  push(Buffer.alloc(0), true)
  yield* ready
}

/** Bytes that the frame being read looks back; the library keeps it to itself, a test tells when it is elsewhere. */
function windowOf(decoder: Decompress): number {
  const { s: frame } = decoder as unknown as { readonly s?: { readonly e?: number } | number }
  return typeof frame === 'object' ? (frame.e ?? 0) : 0
}
