import { createReadStream } from 'node:fs'
import { mkdir, open } from 'node:fs/promises'
import { join } from 'node:path'
import { diskFull, isDiskFull } from '../../diagnostics/index.ts'
import { hexOf } from '../../oci/digest.ts'

/** Where the packed bytes of a layer are kept, beside `fs`. */
export function blobsIn(folder: string): string {
  return join(folder, 'blobs')
}

/** The file of one that has this digest. */
export function keptBlob(folder: string, digest: string): string {
  return join(blobsIn(folder), hexOf(digest))
}

const PIECE = 256 * 1024

/** A file, which is opened when the first of it is read. */
export async function* piecesOf(path: string): AsyncGenerator<Buffer> {
  yield* createReadStream(path, { highWaterMark: PIECE }) as AsyncIterable<Buffer>
}

/** Passes bytes on and keeps them in a layer's folder under the digest that they should have. Raises DISK_FULL. */
export async function* keeping(
  bytes: AsyncIterable<Buffer>,
  folder: string,
  digest: string,
): AsyncGenerator<Buffer> {
  await mkdir(blobsIn(folder), { recursive: true, mode: 0o700 })
  const file = await open(keptBlob(folder, digest), 'w', 0o600)
  try {
    for await (const piece of bytes) {
      await file.writeFile(piece)
      yield piece
    }
  } catch (error) {
    throw isDiskFull(error) ? diskFull('the packed bytes of a layer cannot be kept', error) : error
  } finally {
    await file.close()
  }
}
