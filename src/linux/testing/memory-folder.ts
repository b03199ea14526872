import { accessSync, constants, mkdtempSync, statfsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const MEMORY = '/dev/shm'
/** Bytes that must be free there: containers are often given 64 MB. */
const ENOUGH = 256 << 20

/**
 * A new folder in memory, where there is room, or else where temporary files are. For what writes records: each waits for
 * the disk, which takes longer than the tests themselves and shows nothing. It may be of a kind from which nothing can be
 * executed.
 */
export function memoryFolder(prefix: string): string {
  return mkdtempSync(join(hasRoom() ? MEMORY : tmpdir(), prefix))
}

function hasRoom(): boolean {
  try {
    accessSync(MEMORY, constants.W_OK)
    const { bavail, bsize } = statfsSync(MEMORY)
    return bavail * bsize >= ENOUGH
  } catch {
    return false
  }
}
