import { open, readFile, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { errnoOf } from '../../diagnostics/index.ts'

/** Reads a file; undefined when there is none. */
export async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined
    throw error
  }
}

let counter = 0

/** Writes a whole file by rename, flushed before it gets its name: a reader sees the old text or the new one. */
export async function writeWhole(path: string, text: string): Promise<void> {
  counter += 1
  const temporary = `${path}.${process.pid}.${counter}.tmp`
  try {
    const file = await open(temporary, 'wx', 0o600)
    try {
      await file.writeFile(text)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(temporary, path)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
}

/** Moves a file that cannot be read out of the way, `<path>.broken`, so that it stays for whoever looks. */
export async function setAside(path: string): Promise<string> {
  const aside = `${path}.broken`
  await rename(path, aside)
  return aside
}

/** Flushes a folder's entries: after it, a rename inside has lasted. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}

/** Folder of a path, flushed. */
export async function syncParent(path: string): Promise<void> {
  await syncFolder(dirname(path))
}
