import { mkdirSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { errnoOf, failure, messageOf } from '../diagnostics/index.ts'

/**
 * Makes a folder and what is missing above it, all with that mode; one that is there stays as it is. Node's own way of doing so
 * tries for ever where a file system has no room for names of ours (`/proc/x`). Errors: FOLDER_UNUSABLE.
 */
export function makeFolder(path: string, mode: number): void {
  try {
    make(path, mode)
  } catch (error) {
    throw failure({
      code: 'FOLDER_UNUSABLE',
      kind: 'unavailable',
      summary: `the folder "${path}" is not there and cannot be made: ${messageOf(error)}`,
      cause: error,
    })
  }
}

function make(path: string, mode: number): void {
  try {
    mkdirSync(path, { mode })
  } catch (error) {
    const parent = dirname(path)
    if (errnoOf(error) === 'ENOENT' && !isFolder(parent) && parent !== path) {
      make(parent, mode)
      make(path, mode)
    } else if (!isFolder(path)) throw error
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true
}
