import {
  closeSync,
  constants,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  writeSync,
} from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { errnoOf } from '../../diagnostics/index.ts'

/** The few things done with cgroupfs, as a seam for tests. Paths are absolute; errors are Node's system errors. */
export interface CgroupFilesystem {
  /** Makes one folder; true when it was not there. */
  mkdir(path: string): boolean
  rmdir(path: string): void
  /** One write(2) to a file that exists: the kernel takes a value whole or refuses it. */
  write(path: string, value: string): void
  /** The same write on another thread; resolves to the errno of a refusal. */
  writeAside(path: string, value: string): Promise<string | undefined>
  read(path: string): string
  /** Names of the files in a folder. */
  files(path: string): string[]
  /** Names of the folders in a folder. */
  folders(path: string): string[]
}

/** cgroupfs of this machine. */
export const kernelCgroups: CgroupFilesystem = {
  mkdir(path) {
    try {
      mkdirSync(path, 0o755)
      return true
    } catch (error) {
      if (errnoOf(error) === 'EEXIST') return false
      throw error
    }
  },
  rmdir(path) {
    rmdirSync(path)
  },
  write(path, value) {
    // Without O_CREAT and O_TRUNC: a missing control file must say ENOENT, not EPERM.
    const fd = openSync(path, constants.O_WRONLY)
    try {
      writeSync(fd, value)
    } finally {
      closeSync(fd)
    }
  },
  async writeAside(path, value) {
    try {
      await writeFile(path, value, { flag: constants.O_WRONLY })
      return undefined
    } catch (error) {
      const errno = errnoOf(error)
      if (errno === undefined) throw error
      return errno
    }
  },
  read(path) {
    return readFileSync(path, 'utf8')
  },
  files(path) {
    return readdirSync(path, { withFileTypes: true })
      .filter(entry => entry.isFile())
      .map(entry => entry.name)
  },
  folders(path) {
    return readdirSync(path, { withFileTypes: true })
      .filter(entry => entry.isDirectory())
      .map(entry => entry.name)
  },
}

/** Reads a file that may not be there. */
export function readOptional(files: CgroupFilesystem, path: string): string | undefined {
  try {
    return files.read(path)
  } catch (error) {
    const errno = errnoOf(error)
    // ENODEV, and EOPNOTSUPP, which Node names ENOTSUP: the controller's file is there but the kernel cannot answer for this group.
    if (errno === 'ENOENT' || errno === 'ENODEV' || errno === 'ENOTSUP') return undefined
    throw error
  }
}

/** Does a step that may fail with one of these errnos; nothing comes of it then. */
export function ignoring<T>(errnos: readonly string[], step: () => T): T | undefined {
  try {
    return step()
  } catch (error) {
    if (errnos.includes(errnoOf(error) ?? '')) return undefined
    throw error
  }
}
