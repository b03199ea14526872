import { setTimeout as sleep } from 'node:timers/promises'
import { errnoOf, failure } from '../../diagnostics/index.ts'
import { type CgroupFilesystem, ignoring } from './filesystem.ts'

/** How long a group may stay busy after its processes were killed; the kernel needs milliseconds. */
const PATIENCE_MS = 10_000

/**
 * Removes the groups of a run that has ended, in this order. The end of its pid namespace, or else its monitor, has had the kernel kill who was left in them:
 * `kill` is called where somebody is there all the same, or groups of his are.
 */
export async function removeGroups(
  paths: readonly string[],
  files: CgroupFilesystem,
  kill: () => Promise<void>,
): Promise<void> {
  if (areRemovedAtOnce(paths, files)) return
  await kill()
  for (const path of paths) await removeGroup(path, files)
}

/** False where one of them is in use; some may be gone then. */
function areRemovedAtOnce(paths: readonly string[], files: CgroupFilesystem): boolean {
  try {
    for (const path of paths) ignoring(['ENOENT'], () => files.rmdir(path))
    return true
  } catch (error) {
    if (isInUse(errnoOf(error))) return false
    throw error
  }
}

/**
 * Removes a group and the groups that were made inside it, waiting while processes that were killed are still being
 * reaped. A group that is not there is fine. Fails with `CGROUP_BUSY`.
 */
async function removeGroup(path: string, files: CgroupFilesystem): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS
  for (let pause = 1; ; pause = Math.min(50, pause * 2)) {
    try {
      removeNested(path, files)
      return
    } catch (error) {
      const errno = errnoOf(error)
      if (errno === 'ENOENT') return
      if (!isInUse(errno)) throw error
      if (performance.now() > deadline) {
        throw failure({
          code: 'CGROUP_BUSY',
          kind: 'unavailable',
          summary: `control group ${path} still holds processes`,
          hint: `see ${path}/cgroup.procs: a process in uninterruptible sleep (state D) cannot be killed`,
          cause: error,
        })
      }
    }
    await sleep(pause)
  }
}

/** Most groups have no child: the plain rmdir is tried first. */
function removeNested(path: string, files: CgroupFilesystem): void {
  try {
    files.rmdir(path)
  } catch (error) {
    if (!isInUse(errnoOf(error))) throw error
    for (const name of files.folders(path)) removeNested(`${path}/${name}`, files)
    files.rmdir(path)
  }
}

function isInUse(errno: string | undefined): boolean {
  return errno === 'EBUSY' || errno === 'ENOTEMPTY'
}
