import { setTimeout as sleep } from 'node:timers/promises'
import { errnoOf, failure } from '../../diagnostics/index.ts'
import type { CgroupFilesystem } from './filesystem.ts'

/** How long a group may stay busy after its processes were killed; the kernel needs milliseconds. */
const PATIENCE_MS = 10_000

/**
 * Removes a group and the groups that were made inside it, waiting while processes that were killed are still being
 * reaped. A group that is not there is fine. Fails with `CGROUP_BUSY`.
 */
export async function removeGroup(path: string, files: CgroupFilesystem): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS
  for (let pause = 1; ; pause = Math.min(50, pause * 2)) {
    try {
      removeNested(path, files)
      return
    } catch (error) {
      const errno = errnoOf(error)
      if (errno === 'ENOENT') return
      if (errno !== 'EBUSY' && errno !== 'ENOTEMPTY') throw error
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
    const errno = errnoOf(error)
    if (errno !== 'EBUSY' && errno !== 'ENOTEMPTY') throw error
    for (const name of files.folders(path)) removeNested(`${path}/${name}`, files)
    files.rmdir(path)
  }
}
