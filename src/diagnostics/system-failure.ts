import { errnoOf, Failure, failure } from './error.ts'

/** What helps against errors of the system that people meet, by errno(3). */
const HINTS: Readonly<Record<string, string>> = {
  EACCES: 'run the command as a user who may do that',
  EPERM: 'run the command as a user who may do that',
  EBUSY: 'something else uses it: end that first',
  EDQUOT: 'free some room of your quota, or name a place on another disk',
  EFBIG:
    'the limit of file sizes (`ulimit -f`), or of the file system, is reached: name a place that takes larger files',
  EIO: 'look at the disk or the terminal that it is on; `dmesg` has what the kernel says of a disk',
  ELOOP: 'symbolic links lead in a circle, or too many of them follow each other',
  EMFILE: 'the limit of open files is too low: raise it with `ulimit -n`',
  ENFILE: 'the machine has too many files open: end something',
  ENAMETOOLONG: 'a name holds 255 bytes at most, a path 4,095',
  ENOMEM: 'the machine, or the control group of the command, is out of memory',
  ENOSPC: 'free some room on the disk, or name a place on another one',
  EROFS: 'the file system is read-only: name a place on another one',
  ETXTBSY: 'the file is a program that runs: end that first',
}

/**
 * An error that a call of the system gave and that nobody has said more of: Failure SYSTEM_ERROR, which is nobody's fault here. Undefined for
 * all others.
 */
export function systemFailure(error: unknown): Failure | undefined {
  if (!(error instanceof Error) || error instanceof Failure) return undefined
  const errno = errnoOf(error)
  if (errno === undefined || !('syscall' in error)) return undefined
  const hint = HINTS[errno]
  return failure({
    code: 'SYSTEM_ERROR',
    summary: error.message,
    ...(hint === undefined ? {} : { hint }),
    cause: error,
  })
}
