import { errnoOf, failure } from '../../diagnostics/index.ts'
import type { CgroupFilesystem } from './filesystem.ts'

/**
 * One value for a control file. The limits become lists of these, which one place writes.
 */
export interface LimitWrite {
  readonly controller: string
  readonly file: string
  readonly value: string
  /** What the user asked for, in words, for the warning when the file is not there and the failure when refused. */
  readonly what: string
}

/** A list of writes, and a sentence for each wish that the layout cannot fulfil at all. */
export interface LimitPlan {
  readonly writes: readonly LimitWrite[]
  readonly warnings: readonly string[]
}

/** CFS period when only a share of CPUs is given, microseconds: the kernel's and Docker's default. */
export const DEFAULT_PERIOD = 100_000

/** The sentence for a wish whose file is not there. */
export function lossOf({ what, file }: LimitWrite): string {
  return `${what} is not kept: this machine has no ${file}`
}

/** Writes a limit in a group's folder. False when the kernel has no such file; a value that it refuses is LIMIT_REFUSED. */
export function writeLimit(files: CgroupFilesystem, folder: string, write: LimitWrite): boolean {
  try {
    return tryWrite(files, `${folder}/${write.file}`, write.value)
  } catch (error) {
    throw failure({
      code: 'LIMIT_REFUSED',
      kind: 'invalidArgument',
      summary: `the kernel refuses the ${write.what} ${JSON.stringify(write.value)}: ${errnoOf(error)}`,
      detail: `${folder}/${write.file}`,
      cause: error,
    })
  }
}

/** False when the kernel has no such file; the errno of what it refuses is raised. */
export function tryWrite(files: CgroupFilesystem, path: string, value: string): boolean {
  try {
    files.write(path, value)
    return true
  } catch (error) {
    const errno = errnoOf(error)
    if (errno === 'ENOENT' || errno === 'ENOTSUP') return false
    throw error
  }
}
