import { setTimeout as sleep } from 'node:timers/promises'
import { failure } from '../../diagnostics/index.ts'
import { type CgroupFilesystem, readOptional } from './filesystem.ts'
import type { SaidBefore } from './types.ts'

/** A group's folders where its processes can be frozen: in the v2 tree, in the v1 hierarchy of that controller, or in both. */
export interface Freezers {
  readonly unified: string | undefined
  readonly v1: string | undefined
}

/** Whether its processes stand still, by whichever freezer. */
export function isFrozen(files: CgroupFilesystem, { unified, v1 }: Freezers): boolean {
  const events = unified && readOptional(files, `${unified}/cgroup.events`)
  const state = v1 && readOptional(files, `${v1}/freezer.state`)?.trim()
  return /^frozen 1$/m.test(events ?? '') || state === 'FROZEN'
}

/** Whether they were told to. */
export function isFreezing(read: SaidBefore, { unified, v1 }: Freezers): boolean {
  const asked = unified && read(`${unified}/cgroup.freeze`)
  const state = v1 && read(`${v1}/freezer.state`)?.trim()
  return asked?.trim() === '1' || ['FROZEN', 'FREEZING'].includes(state ?? '')
}

/** The files that say so. */
export function freezerFiles({ unified, v1 }: Freezers): string[] {
  return [
    ...(unified === undefined ? [] : [`${unified}/cgroup.freeze`]),
    ...(v1 === undefined ? [] : [`${v1}/freezer.state`]),
  ]
}

const PATIENCE_MS = 5_000

/** Tells those of a container, and waits until it is so. `write` says whether there is such a file. */
export async function setFrozen(
  files: CgroupFilesystem,
  { unified, v1, id }: Freezers & { readonly id: string },
  frozen: boolean,
  write: (path: string, value: string) => boolean,
): Promise<void> {
  const done = unified !== undefined && write(`${unified}/cgroup.freeze`, frozen ? '1' : '0')
  // Where there are both, one is enough to freeze with, and others may have used either.
  if (v1 !== undefined && !(done && frozen)) write(`${v1}/freezer.state`, frozen ? 'FROZEN' : 'THAWED')
  const deadline = performance.now() + PATIENCE_MS
  for (let pause = 1; isFrozen(files, { unified, v1 }) !== frozen; pause = Math.min(20, pause * 2)) {
    if (performance.now() > deadline) {
      throw failure({
        code: 'FREEZE_REFUSED',
        kind: 'unavailable',
        summary: `container ${id.slice(0, 12)} cannot be ${frozen ? 'paused' : 'unpaused'}`,
        hint: 'a process in uninterruptible sleep keeps its group from freezing',
      })
    }
    await sleep(pause)
  }
}
