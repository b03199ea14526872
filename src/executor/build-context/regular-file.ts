import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { errnoOf, failure } from '../../diagnostics/index.ts'

/**
 * The bytes of a file that a build is made of; undefined where there is none. What is no file is not waited for: a FIFO would
 * hold the command for ever, and a signal with it. Errors: NOT_A_FILE.
 */
export async function regularFile(path: string): Promise<Buffer | undefined> {
  const file = await openIfThere(path)
  if (file === undefined) return undefined
  try {
    if ((await file.stat()).isFile()) return await file.readFile()
  } finally {
    await file.close()
  }
  throw failure({
    code: 'NOT_A_FILE',
    kind: 'invalidArgument',
    summary: `"${path}" is a folder, a pipe or a device, and no file`,
  })
}

async function openIfThere(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
  } catch (error) {
    if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ENOTDIR') return undefined
    throw error
  }
}
