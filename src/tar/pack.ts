import { open } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { encodeHeader, endOfArchive, padding } from './encode.ts'
import type { TarEntry } from './entry.ts'
import { changed, unreadable } from './failure.ts'

/** An entry with what is in it. */
export interface PackedEntry {
  readonly entry: TarEntry
  /** Content of a file: its bytes, or the path that has them. */
  readonly content?: Uint8Array | { readonly path: Buffer }
}

/** Small entries go together: each piece costs whoever reads it a turn. */
const PIECE = 128 * 1024

/**
 * A tar archive as a stream. Raises CONTEXT_CHANGED for a file that is cut off or gone, PACK_FAILED
 * for one that cannot be read. A stream that is closed reads no more.
 */
export function packTar(entries: AsyncIterable<PackedEntry> | Iterable<PackedEntry>): Readable {
  return Readable.from(gathered(packed(entries)), { objectMode: false, highWaterMark: PIECE })
}

async function* packed(
  entries: AsyncIterable<PackedEntry> | Iterable<PackedEntry>,
): AsyncGenerator<Uint8Array> {
  for await (const { entry, content } of entries) {
    yield encodeHeader(entry)
    if (entry.size === 0 || content === undefined) continue
    if (content instanceof Uint8Array) yield content
    else yield* contentOf(content.path, entry.size)
    yield padding(entry.size)
  }
  yield endOfArchive()
}

/** Exactly `size` bytes of a file: the size was told before, so what is appended meanwhile (a log) is left out. */
async function* contentOf(path: Buffer, size: number): AsyncGenerator<Buffer> {
  const file = await open(path, 'r').catch((error: unknown) => {
    throw unreadable(path, error)
  })
  try {
    for (let left = size; left > 0; ) {
      const piece = Buffer.allocUnsafe(Math.min(left, PIECE))
      const { bytesRead } = await file.read(piece, 0, piece.length, null).catch((error: unknown) => {
        throw unreadable(path, error)
      })
      if (bytesRead === 0) throw changed(path)
      left -= bytesRead
      yield piece.subarray(0, bytesRead)
    }
  } finally {
    await file.close()
  }
}

async function* gathered(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  let waiting: Uint8Array[] = []
  let length = 0
  for await (const chunk of chunks) {
    waiting.push(chunk)
    length += chunk.length
    if (length < PIECE) continue
    yield Buffer.concat(waiting, length)
    waiting = []
    length = 0
  }
  if (length > 0) yield Buffer.concat(waiting, length)
}
