import { PassThrough, pipeline, type Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { failure } from '../../../diagnostics/index.ts'

/** First bytes of what we can't open. */
const UNSUPPORTED: readonly (readonly [string, Buffer])[] = [
  ['bzip2', Buffer.from('BZh')],
  ['xz', Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00])],
  ['zstd', Buffer.from([0x28, 0xb5, 0x2f, 0xfd])],
]
const GZIP = Buffer.from([0x1f, 0x8b])
const LONGEST = 6

/**
 * The tar in a body: plain or gzip, told apart by its first bytes, since clients name no encoding. Other compressions
 * end the stream with `ARCHIVE_COMPRESSION_UNSUPPORTED`.
 */
export function decodeTar(body: Readable): Readable {
  const tar = new PassThrough()
  // A handler that refuses before it reads leaves nobody to hear that the client has gone.
  tar.on('error', () => undefined)
  const open = async (): Promise<void> => {
    const head = await readHead(body)
    const unknown = UNSUPPORTED.find(([, magic]) => head.subarray(0, magic.length).equals(magic))
    if (unknown !== undefined) throw unsupported(unknown[0])
    body.unshift(head)
    const done = (error: Error | null | undefined): void => {
      if (error) tar.destroy(error)
    }
    if (head.subarray(0, GZIP.length).equals(GZIP)) pipeline(body, createGunzip(), tar, done)
    else pipeline(body, tar, done)
  }
  open().catch(error => tar.destroy(error))
  return tar
}

/** As many bytes as tell; fewer when there are no more. */
async function readHead(body: Readable): Promise<Buffer> {
  let head = Buffer.alloc(0)
  while (head.length < LONGEST) {
    const chunk: Buffer | null = body.read()
    if (chunk !== null) head = Buffer.concat([head, chunk])
    else if (body.readableEnded || body.destroyed) break
    else
      await new Promise<void>((resolve, reject) => {
        const settle = (): void => {
          body.off('readable', settle).off('end', settle).off('close', settle).off('error', fail)
          resolve()
        }
        const fail = (error: Error): void => reject(error)
        body.on('readable', settle).on('end', settle).on('close', settle).on('error', fail)
      })
  }
  return head
}

function unsupported(name: string): Error {
  return failure({
    code: 'ARCHIVE_COMPRESSION_UNSUPPORTED',
    kind: 'invalidArgument',
    summary: `Open the archive: got ${name}, want a plain tar or gzip`,
  })
}
