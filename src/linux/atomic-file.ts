import {
  closeSync,
  fchmodSync,
  fdatasync,
  fdatasyncSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { open, readFile, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { errnoOf } from '../diagnostics/index.ts'
import { ownName } from './process-identity.ts'

export interface AtomicWrite {
  /** Permissions, whatever the umask; 0600 without. */
  readonly mode?: number
  /** False for what is worth nothing after a crash of the machine: nobody waits for the disk. */
  readonly durable?: boolean
}

/** Writes a whole file by rename: a reader, or who comes after a crash or a full disk, sees the old text or the new one. */
export async function writeFileAtomic(
  path: string,
  content: string | Uint8Array,
  { mode = 0o600, durable = true }: AtomicWrite = {},
): Promise<void> {
  const temporary = temporaryOf(path)
  try {
    const file = await open(temporary, 'w', mode)
    try {
      if (isMasked(mode)) await file.chmod(mode)
      await file.writeFile(content)
      if (durable) await file.datasync()
    } finally {
      await file.close()
    }
    await rename(temporary, path)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
}

/** As `writeFileAtomic`, where nothing may happen in between. */
export function writeFileAtomicSync(
  path: string,
  content: Uint8Array,
  { mode = 0o600, durable = true }: AtomicWrite = {},
): void {
  const temporary = temporaryOf(path)
  try {
    const fd = openSync(temporary, 'w', mode)
    try {
      if (isMasked(mode)) fchmodSync(fd, mode)
      writeAllSync(fd, content)
      if (durable) fdatasyncSync(fd)
    } finally {
      closeSync(fd)
    }
    renameSync(temporary, path)
  } catch (error) {
    rmSync(temporary, { force: true })
    throw error
  }
}

/** As `writeFileAtomicSync` of a small file, but the disk is waited for in another thread: all else takes less than the way there and back. */
export async function writeFileSynced(
  path: string,
  content: Uint8Array,
  { mode = 0o600 }: Pick<AtomicWrite, 'mode'> = {},
): Promise<void> {
  const temporary = temporaryOf(path)
  try {
    const fd = openSync(temporary, 'w', mode)
    try {
      if (isMasked(mode)) fchmodSync(fd, mode)
      writeAllSync(fd, content)
      await synced(fd)
    } finally {
      closeSync(fd)
    }
    renameSync(temporary, path)
  } catch (error) {
    rmSync(temporary, { force: true })
    throw error
  }
}

const synced = promisify(fdatasync)

/** Whether an umask may take something from it: none takes it from the file's owner. */
function isMasked(mode: number): boolean {
  return (mode & 0o077) !== 0
}

/** A full disk shows as a short write before it shows as ENOSPC. */
export function writeAllSync(fd: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at)
}

let temporaries = 0

/** A name that no other write of this thread has, whichever file it is for. */
function temporaryOf(path: string): string {
  temporaries += 1
  return `${path}.${ownName()}.${temporaries}.tmp`
}

/** Removes from a folder the files whose writers were killed before they had their names. Only for who alone writes there. */
export function removeUnfinished(folder: string): void {
  for (const name of readdirSync(folder)) if (UNFINISHED.test(name)) rmSync(join(folder, name))
}

const UNFINISHED = /\.json\..+\.\d+\.tmp$/

/** Reads a file; undefined when there is none. */
export async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined
    throw error
  }
}

/** Moves a file that cannot be read out of the way, `<path>.broken`, so that it stays for whoever looks; its new path. */
export async function setAside(path: string): Promise<string> {
  const aside = `${path}.broken`
  await rename(path, aside)
  return aside
}

/** Flushes the folder that a path is in: after it, a rename there has lasted. */
export async function syncParent(path: string): Promise<void> {
  const folder = await open(dirname(path), 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}
