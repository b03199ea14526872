import { failure } from '../diagnostics/index.ts'
import { encodeHeader, endOfArchive, padding } from './encode.ts'
import type { TarEntry } from './entry.ts'

/** Writes an archive of entries, each file followed by its content in any pieces. */
export class TarEncoder {
  #owed = 0
  #padding: Buffer = Buffer.alloc(0)

  /** The bytes of an entry, without its content. */
  entry(entry: TarEntry): Buffer {
    this.#checkOwed()
    this.#owed = entry.size
    this.#padding = padding(entry.size)
    return encodeHeader(entry)
  }

  /** The bytes of a piece of content; padding comes with the last one. */
  data(chunk: Buffer): readonly Buffer[] {
    this.#owed -= chunk.length
    if (this.#owed < 0) this.#checkOwed()
    return this.#owed === 0 ? [chunk, this.#padding] : [chunk]
  }

  /** The bytes that end the archive. */
  end(): Buffer {
    this.#checkOwed()
    return endOfArchive()
  }

  #checkOwed(): void {
    if (this.#owed === 0) return
    throw failure({ code: 'TAR_CONTENT', summary: 'A file of an archive got other content than its size' })
  }
}
