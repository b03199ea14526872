import { mkdirSync } from 'node:fs'
import { type Native, nativeErrorOf } from '../../native/index.ts'
import { buildDev, enterDev } from '../rootfs/dev.ts'
import { overlayRoot, overlayTakesDetached } from '../rootfs/overlay.ts'
import type { UserNamespace } from '../runtime/index.ts'

/** Folders on the file system that containers are on. */
export interface TrialFolders {
  /** A layer. */
  readonly layer: string
  /** Two folders side by side; made. */
  readonly upper: string
  readonly work: string
  readonly kernel: readonly [number, number]
}

/**
 * Starts a container of nothing in a user namespace, as others are started, which ends for want of a command. Raises what the
 * kernel refuses: mapped mounts on this file system, a /proc or /sys of its own where that of the engine is covered …
 */
export async function tryUserNamespace(
  native: Native,
  folders: TrialFolders,
  { path, pid, startTime, first }: UserNamespace,
): Promise<void> {
  let next = 1
  const context = { slots: { take: () => next++ }, ids: { slot: 0, first } }
  const { layer, upper, work, kernel } = folders
  const root = overlayRoot({ layers: [layer], upper, work }, overlayTakesDetached(kernel), context)
  const dev = context.slots.take()
  for (const each of [upper, work]) mkdirSync(each, { recursive: true, mode: 0o700 })
  try {
    await native.run({
      setup: [
        { op: 'openUserns', slot: 0, path, pid, startTime },
        { op: 'newNetns', usernsSlot: 0 },
      ],
      outside: [...root.ops, ...buildDev(dev, 'none', [], first)],
      launch: [
        {
          op: 'clone',
          newNamespaces: ['mnt', 'pid', 'ipc', 'uts', 'cgroup'],
          net: 'container',
          usernsSlot: 0,
        },
      ],
      inside: [
        { op: 'root', slot: root.slot },
        { op: 'mount', type: 'proc', target: '/proc' },
        { op: 'mount', type: 'sysfs', target: '/sys' },
        ...enterDev(dev, 'none', []),
        { op: 'pivotRoot' },
      ],
      exec: [{ op: 'exec', argv: ['/nothing'], env: [], init: false }],
    })
  } catch (error) {
    if (nativeErrorOf(error)?.op?.op !== 'exec') throw error
  }
}
