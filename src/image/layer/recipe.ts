import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { join } from 'node:path'

import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'

/**
 * How the exact tar of a layer is made again from its unpacked files: a gzipped row of frames, each either bytes of the tar
 * that are no file's content (headers, padding, what stands behind the end) or the place of a file whose content follows.
 *
 *     u8 'B', u32 length, the bytes
 *     u8 'F', u32 number of the file, u32 length of its path, u64 size, its path in `fs`
 *
 * A file whose name another entry has taken lies in `kept` under its number. Numbers are little endian.
 */
export const RECIPE = { bytes: 0x42, file: 0x46, bytesHead: 5, fileHead: 17 } as const

/** Where a layer's recipe lies, and the files that lost their names; both beside `fs`. */
export function recipePaths(folder: string): { readonly recipe: string; readonly kept: string } {
  return { recipe: join(folder, 'recipe.gz'), kept: join(folder, 'kept') }
}

/** Headers are mostly zeros: more effort finds little. */
const LEVEL = 1
/** Frames go in batches: each write is a way to another thread and back, and a layer has tens of thousands of them. */
const BATCH = 64 * 1024

/** Writes a recipe while a layer is unpacked. */
export class RecipeWriter {
  readonly #gzip = createGzip({ level: LEVEL })
  readonly #written: Promise<void>
  #isFull = false
  #batch: Buffer = Buffer.allocUnsafe(BATCH)
  #length = 0

  constructor(path: string) {
    this.#written = pipeline(this.#gzip, createWriteStream(path, { mode: 0o600 }))
    // Whoever writes hears of it from `ready` or `finish`.
    this.#written.catch(() => undefined)
  }

  bytes(bytes: Buffer): void {
    const head = Buffer.alloc(RECIPE.bytesHead)
    head.writeUInt8(RECIPE.bytes, 0)
    head.writeUInt32LE(bytes.length, 1)
    this.#write(head)
    this.#write(bytes)
  }

  file(number: number, path: string, size: number): void {
    const head = Buffer.alloc(RECIPE.fileHead + path.length)
    head.writeUInt8(RECIPE.file, 0)
    head.writeUInt32LE(number, 1)
    head.writeUInt32LE(path.length, 5)
    head.writeBigUInt64LE(BigInt(size), 9)
    head.write(path, RECIPE.fileHead, 'latin1')
    this.#write(head)
  }

  /** Waits until there is room. Raises what the disk says. */
  async ready(): Promise<void> {
    if (!this.#isFull) return
    this.#isFull = false
    if (this.#gzip.writableNeedDrain) await Promise.race([once(this.#gzip, 'drain'), this.#written])
  }

  async finish(): Promise<void> {
    this.#flush()
    this.#gzip.end()
    await this.#written
  }

  /** Ends it half-made. */
  async abandon(): Promise<void> {
    this.#gzip.destroy()
    await this.#written.catch(() => undefined)
  }

  /** Copies: given away as they are, the bytes would still be read when their owner has used them again. */
  #write(bytes: Buffer): void {
    for (let rest = bytes; rest.length > 0; ) {
      const used = rest.copy(this.#batch, this.#length)
      this.#length += used
      rest = rest.subarray(used)
      if (this.#length === BATCH) this.#flush()
    }
  }

  #flush(): void {
    if (this.#length === 0) return
    if (!this.#gzip.write(this.#batch.subarray(0, this.#length))) this.#isFull = true
    this.#batch = Buffer.allocUnsafe(BATCH)
    this.#length = 0
  }
}
