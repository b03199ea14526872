import { createWriteStream, lstatSync, readdirSync, statSync, type WriteStream } from 'node:fs'
import { readdir, rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { errnoOf, failure, messageOf } from '../diagnostics/index.ts'
import { ownName } from '../linux/process-identity.ts'
import { Interrupted } from './failures.ts'

/**
 * Writes a stream to a file, which is there whole or not at all. A device or a pipe is written to as it is. What a writer that was killed
 * has left goes with the next one of the same file. Errors: OUTPUT_FILE; Interrupted after an abort.
 */
export async function writeWholeFile(
  content: Readable,
  path: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  const found = lstatSync(path, { throwIfNoEntry: false })
  const isPlain = found === undefined || found.isFile()
  const written = isPlain ? `${path}${BEFORE}${ownName()}${BEHIND}` : path
  if (isPlain) await removeAbandoned(path)
  const file = createWriteStream(written, { mode: 0o600, autoClose: false })
  try {
    await pipeline(content, file, signal === undefined ? {} : { signal })
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
  } finally {
    // Open until it has its name: whoever does not have it open any more was killed.
    await closed(file)
  }
}

/** Around the writer's name, in what a file is called until it is whole. */
const [BEFORE, BEHIND] = ['.tscompose-', '.part']

async function removeAbandoned(path: string): Promise<void> {
  const start = `${basename(path)}${BEFORE}`
  for (const name of await namesBeside(path)) {
    if (!name.startsWith(start) || !name.endsWith(BEHIND)) continue
    const part = join(dirname(path), name)
    if (!hasOpen(Number.parseInt(name.slice(start.length), 10), part)) await rm(part, { force: true })
  }
}

/** None where the folder is not there or cannot be listed: then the writing says so, or goes well all the same. */
async function namesBeside(path: string): Promise<readonly string[]> {
  try {
    return await readdir(dirname(path))
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'EACCES'].includes(errnoOf(error) ?? '')) return []
    throw error
  }
}

/** Whether a process has a file open, as far as we may know. */
function hasOpen(pid: number, path: string): boolean {
  try {
    const { dev, ino } = statSync(path)
    return readdirSync(`/proc/${pid}/fd`).some(fd => {
      const open = statSync(`/proc/${pid}/fd/${fd}`, { throwIfNoEntry: false })
      return open?.dev === dev && open.ino === ino
    })
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return false
    if (errnoOf(error) === 'EACCES') return true
    throw error
  }
}

function closed(file: WriteStream): Promise<void> {
  return new Promise(resolve => {
    if (file.closed) resolve()
    else file.once('close', resolve).destroy()
  })
}
