import type { Readable } from 'node:stream'

/** A tar that is sent: the path of a file, a stream, or its bytes. */
export type Archive = string | Readable | Uint8Array

/** A path's file is streamed, not read whole as dockerode does: archives are large. */
export async function openArchive(file: Archive): Promise<Readable | Uint8Array> {
  if (typeof file !== 'string') return file
  const { createReadStream } = await import('node:fs')
  return createReadStream(file)
}
