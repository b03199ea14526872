import { errnoOf, type Failure, failure } from './error.ts'

/** Errnos that say that a file system, or a user's share of it, has no room. */
export const DISK_FULL_ERRNOS: readonly string[] = ['ENOSPC', 'EDQUOT']

/** What helps, whatever could not be written. */
export const DISK_FULL_HINT: string =
  'free some room on the disk that holds TSCOMPOSE_ROOT (`tscompose builder prune` frees build steps and kept contexts, ' +
  '`tscompose image prune -a` unused images, `tscompose snapshot rm` what no volume stands on), or set TSCOMPOSE_ROOT to a folder of another one, and try again'

/** What helps where it may be a mount of a container that has no room. */
export const MOUNT_FULL_HINT: string =
  'a tmpfs of the container has as much room as its `size` says; what is in none of its mounts is on the disk that holds TSCOMPOSE_ROOT'

/** Whether a Node system error says that the disk is full. */
export function isDiskFull(error: unknown): boolean {
  return DISK_FULL_ERRNOS.includes(errnoOf(error) ?? '')
}

/** Whether a program that we ran (in the locale C) complains of a full disk; `Wrote only` is how tar puts it. */
export function tellsOfFullDisk(text: string): boolean {
  return /No space left on device|Wrote only \d+ of \d+ bytes|Disk quota exceeded|You don't have enough free space/.test(
    text,
  )
}

/** The one failure of a full disk, whoever met it: DISK_FULL. */
export function diskFull(summary: string, cause: unknown, detail?: string): Failure {
  return failure({
    code: 'DISK_FULL',
    kind: 'unavailable',
    summary,
    hint: DISK_FULL_HINT,
    cause,
    ...(detail === undefined ? {} : { detail }),
  })
}

/**
 * The failure of a disk that takes no writes, whoever met it: DISK_UNWRITABLE. It was mounted read-only, or the kernel made it that
 * when it found the disk broken. Undefined for all other errors.
 */
export function diskUnwritable(summary: string, cause: unknown): Failure | undefined {
  if (!['EROFS', 'EIO'].includes(errnoOf(cause) ?? '')) return undefined
  return failure({
    code: 'DISK_UNWRITABLE',
    kind: 'unavailable',
    summary,
    hint: 'look at the disk that holds TSCOMPOSE_ROOT: whether it is mounted read-only, and what `dmesg` says of it. What runs goes on',
    cause,
  })
}
