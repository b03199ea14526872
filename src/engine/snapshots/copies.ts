import { constants, copyFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { errnoOf } from '../../diagnostics/index.ts'
import type { EngineContext } from '../state/context.ts'

/** A folder, and where a copy of it is to be. */
export interface Copy {
  readonly from: string
  readonly to: string
}

/** Makes the copies side by side: with the same blocks where the file system can, and whatever overlayfs hides is hidden in them. */
export async function makeCopies(
  { native }: Pick<EngineContext, 'native'>,
  copies: readonly Copy[],
): Promise<void> {
  await Promise.all(
    copies.map(({ from, to }) =>
      native.run({
        outside: [
          { op: 'open', slot: 0, path: from, kind: 'folder' },
          { op: 'open', slot: 1, path: dirname(to), kind: 'folder' },
          {
            op: 'copyTree',
            fromSlot: 0,
            from: '/',
            toSlot: 1,
            to: basename(to),
            create: true,
            whiteouts: true,
          },
        ],
      }),
    ),
  )
}

/** Waits until what was written to the file system of a folder outlives a power cut. */
export async function syncDisk({ native }: Pick<EngineContext, 'native'>, folder: string): Promise<void> {
  await native.run({
    outside: [
      { op: 'open', slot: 0, path: folder, kind: 'folder' },
      { op: 'syncFilesystem', slot: 0 },
    ],
  })
}

/** Whether files in that folder can be copied without copying their blocks. */
export function canClone(folder: string): boolean {
  const [from, to] = [join(folder, '.probe'), join(folder, '.probe-clone')]
  try {
    writeFileSync(from, 'x')
    copyFileSync(from, to, constants.COPYFILE_FICLONE_FORCE)
    return true
  } catch (error) {
    if (/^(ENOTSUP|EOPNOTSUPP|EXDEV|ENOSYS|ENOTTY|EINVAL)$/.test(errnoOf(error) ?? '')) return false
    throw error
  } finally {
    for (const path of [from, to]) rmSync(path, { force: true })
  }
}

/** Whether a rename leads from one to the other: neither is on a disk of its own. */
export function areOnOneDisk(folder: string, other: string): boolean {
  return statSync(folder).dev === statSync(other).dev
}
