import { createWriteStream, lstatSync } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { failure, messageOf } from '../diagnostics/index.ts'
import { ownName } from '../linux/process-identity.ts'
import { Interrupted } from './failures.ts'

/**
 * Writes a stream to a file, which is there whole or not at all. A device or a pipe is written to as it is. Errors: OUTPUT_FILE;
 * Interrupted after an abort.
 */
export async function writeWholeFile(
  content: Readable,
  path: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  const found = lstatSync(path, { throwIfNoEntry: false })
  const isPlain = found === undefined || found.isFile()
  const written = isPlain ? `${path}.${ownName()}.part` : path
  try {
    await pipeline(
      content,
      createWriteStream(written, { mode: 0o600 }),
      signal === undefined ? {} : { signal },
    )
    if (isPlain) await rename(written, path)
  } catch (error) {
    if (isPlain) await rm(written, { force: true })
    if (signal?.aborted) throw new Interrupted()
    throw failure({
      code: 'OUTPUT_FILE',
      kind: 'invalidArgument',
      summary: `the file "${path}" cannot be written: ${messageOf(error)}`,
      cause: error,
    })
  }
}
