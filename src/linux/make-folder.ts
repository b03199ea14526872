import { closeSync, constants, fchownSync, mkdirSync, openSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { errnoOf, failure, messageOf } from '../diagnostics/index.ts'

interface Owner {
  readonly uid: number
  readonly gid: number
}

/**
 * Makes a folder and what is missing above it, all with that mode, and of that owner; one that is there stays as it is. Node's own way of doing so
 * tries for ever where a file system has no room for names of ours (`/proc/x`). Errors: FOLDER_UNUSABLE.
 */
export function makeFolder(path: string, mode: number, owner?: Owner): void {
  try {
    make(path, mode, owner)
  } catch (error) {
    throw failure({
      code: 'FOLDER_UNUSABLE',
      kind: 'unavailable',
      summary: `the folder "${path}" is not there and cannot be made: ${messageOf(error)}`,
      cause: error,
    })
  }
}

function make(path: string, mode: number, owner: Owner | undefined): void {
  try {
    mkdirSync(path, { mode })
    if (owner !== undefined) give(path, owner)
  } catch (error) {
    const parent = dirname(path)
    if (errnoOf(error) === 'ENOENT' && !isFolder(parent) && parent !== path) {
      make(parent, mode, owner)
      make(path, mode, owner)
    } else if (!isFolder(path)) throw error
  }
}

/** What is a link by now, or another's file, is not given away. */
function give(path: string, { uid, gid }: Owner): void {
  const fd = openSync(path, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW)
  try {
    fchownSync(fd, uid, gid)
  } finally {
    closeSync(fd)
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true
}
