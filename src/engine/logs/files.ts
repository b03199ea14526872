import { constants } from 'node:fs'
import { type FileHandle, open, stat } from 'node:fs/promises'
import { errnoOf } from '../../diagnostics/index.ts'

/** One open file of a container's log. A rotation renames it, so it is known by its inode. */
export interface LogFile {
  readonly handle: FileHandle
  readonly inode: bigint
}

/** More rotated files than any `max-file` leaves. */
const MOST_FILES = 1000

/**
 * Opens the log and its rotated predecessors, oldest first. The present one is opened first and then the older ones:
 * if a rotation comes in between, the same inode turns up twice and is taken once, so nothing is lost or doubled.
 */
export async function openLogFiles(path: string): Promise<LogFile[]> {
  const files: LogFile[] = []
  try {
    for (let number = 0; number <= MOST_FILES; number++) {
      const file = await openLogFile(number === 0 ? path : `${path}.${number}`)
      if (file === undefined && number > 0) break
      if (file === undefined) continue
      if (files.some(other => other.inode === file.inode)) await file.handle.close()
      else files.push(file)
    }
  } catch (error) {
    await closeLogFiles(files)
    throw error
  }
  return files.reverse()
}

/** The file at `path`; undefined when there is none. */
export async function openLogFile(path: string): Promise<LogFile | undefined> {
  let handle: FileHandle
  try {
    handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW)
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined
    throw error
  }
  return { handle, inode: (await handle.stat({ bigint: true })).ino }
}

/** The file that follows `file` after rotations; undefined while `file` is the present one. */
export async function openNextLogFile(path: string, file: LogFile): Promise<LogFile | undefined> {
  for (let attempt = 0; attempt < 5; attempt++) {
    const place = await placeOf(path, file.inode)
    if (place === 0) return undefined
    const next = await openLogFile(place === 1 ? path : `${path}.${place - 1}`)
    // Another rotation while we looked would have moved our own file on: then look again.
    if (next !== undefined && (await placeOf(path, file.inode)) === place) return next
    await next?.handle.close()
  }
  return undefined
}

/** 0 for the present file, n for `.n`; one behind the oldest when it has been rotated away. */
async function placeOf(path: string, inode: bigint): Promise<number> {
  for (let number = 0; number <= MOST_FILES; number++) {
    const at = await inodeOf(number === 0 ? path : `${path}.${number}`)
    if (at === inode) return number
    if (at === undefined && number > 0) return number
  }
  return MOST_FILES
}

async function inodeOf(path: string): Promise<bigint | undefined> {
  try {
    return (await stat(path, { bigint: true })).ino
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined
    throw error
  }
}

/** Closes all of them. */
export async function closeLogFiles(files: readonly LogFile[]): Promise<void> {
  await Promise.all(files.map(file => file.handle.close()))
}
