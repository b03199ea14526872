import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { mkdir, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { errnoOf } from '../../diagnostics/index.ts'

const NAME = /^(\d+)-(\d+)-[0-9a-f]+$/

/** A new folder in `temp`, named after this process so that the next open knows whether its maker still lives. */
export async function makeTempFolder(temp: string): Promise<string> {
  const folder = join(
    temp,
    `${process.pid}-${startTimeOf(process.pid) ?? 0}-${randomBytes(6).toString('hex')}`,
  )
  await mkdir(folder, { mode: 0o700 })
  return folder
}

/** Removes what dead processes left in `temp`. */
export async function sweepTemp(temp: string): Promise<void> {
  for (const name of await readdir(temp)) {
    if (!isOwned(name)) await removeTree(join(temp, name))
  }
}

/** Removes a tree; nothing there is fine. */
export async function removeTree(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true, maxRetries: 2 })
}

function isOwned(name: string): boolean {
  const [, pid, startTime] = NAME.exec(name) ?? []
  return pid !== undefined && startTimeOf(Number(pid)) === startTime
}

/** Start time of a process in clock ticks since boot, undefined when there is none: a pid alone may be reused. */
function startTimeOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    // The command in parentheses may hold spaces and parentheses itself; field 22 counts from behind it.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
  } catch (error) {
    if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ESRCH') return undefined
    throw error
  }
}
