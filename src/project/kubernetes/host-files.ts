import { type Dirent, lstatSync, readdirSync, readFileSync, type Stats, statSync } from 'node:fs'
import { join } from 'node:path'
import type { HostFile } from '../../deploy/kubernetes/index.ts'
import { errnoOf } from '../../diagnostics/index.ts'

/** What goes into an object of a cluster: more is not read. */
const MOST_BYTES = 1_000_000
/** Files of a folder that go into one. */
const MOST_FILES = 100

/** Reads what configs, secrets and binds of a project name. Nothing of what is not there, or may not be read, is raised. */
export function readHostFile(path: string): HostFile {
  try {
    return found(path, statSync(path))
  } catch (error) {
    return errnoOf(error) === 'ENOENT' ? { kind: 'missing' } : { kind: 'other' }
  }
}

function found(path: string, stats: Stats): HostFile {
  if (stats.isDirectory()) {
    const files = filesBelow(path)
    return { kind: 'folder', ...(files === undefined ? {} : { files }) }
  }
  // A device or a pipe is not read: it may never end.
  if (!stats.isFile()) return { kind: 'other' }
  if (stats.size > MOST_BYTES) return { kind: 'large' }
  return { kind: 'file', bytes: readFileSync(path), mode: stats.mode & 0o777 }
}

/** All files of a folder by their paths in it; undefined where they are too many, too large, or not all plain files. */
function filesBelow(folder: string): ReadonlyMap<string, Uint8Array> | undefined {
  const files = new Map<string, Uint8Array>()
  const waiting = ['']
  let bytes = 0
  for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
    for (const entry of sorted(readdirSync(join(folder, at), { withFileTypes: true }))) {
      const path = join(at, entry.name)
      if (entry.isDirectory()) waiting.push(path)
      else if (!entry.isFile() || files.size === MOST_FILES) return undefined
      else {
        bytes += lstatSync(join(folder, path)).size
        if (bytes > MOST_BYTES) return undefined
        files.set(path, readFileSync(join(folder, path)))
      }
    }
    // A tree of folders without files is no content either.
    if (waiting.length > MOST_FILES) return undefined
  }
  return new Map([...files].sort(([a], [b]) => (a < b ? -1 : 1)))
}

function sorted(entries: readonly Dirent[]): Dirent[] {
  return entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))
}
