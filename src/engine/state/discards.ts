import { existsSync, readFileSync, realpathSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { errnoOf, messageOf } from '../../diagnostics/index.ts'
import { parseMountinfo } from '../../linux/mountinfo.ts'
import { nativeErrorOf, removeTree } from '../../native/index.ts'
import type { EngineContext } from './context.ts'
import { readRecord, type Versioned, writeRecord } from './record-files.ts'

/** ROOT/discards.json: what could not be removed yet. */
interface Discards extends Versioned {
  readonly version: 1
  readonly folders: readonly string[]
}

type Discarding = Pick<EngineContext, 'paths' | 'warn'>

/**
 * Removes folders that nobody needs any more, and those of before that are left. One that cannot be removed holds nobody up: it is told of once
 * (REMOVAL_LATER), and tried again with the next, of the next engine too. What somebody has mounted in a folder is his: it stays, and the folder with it.
 */
export async function discard({ paths, warn }: Discarding, folders: readonly string[]): Promise<void> {
  const list = join(paths.root, 'discards.json')
  const before = leftOf(list)
  const removed = new Set<string>()
  for (const folder of new Set([...before, ...folders])) {
    const reason = mountIn(folder) ?? (await tryRemove(folder, !before.includes(folder)))
    if (reason === undefined) removed.add(folder)
    else if (!before.includes(folder)) warn(later(folder, reason))
  }
  // Others may have come meanwhile.
  const left = [...new Set([...leftOf(list), ...folders])].filter(each => !removed.has(each))
  if (left.length === 0) rmSync(list, { force: true })
  else writeList(list, left)
}

function writeList(list: string, folders: readonly string[]): void {
  const record: Discards = { version: 1, folders }
  writeRecord(list, record)
}

function later(folder: string, reason: string): Parameters<Discarding['warn']>[0] {
  return {
    severity: 'warning',
    code: 'REMOVAL_LATER',
    summary: `${folder} is not needed any more and cannot be removed: ${reason}`,
    hint: 'nothing waits for it: once nothing is mounted there, and no file immutable (lsattr), it goes with the next snapshot or volume that is removed, or with the next engine',
  }
}

function leftOf(list: string): readonly string[] {
  const read = readRecord<Discards>(list, 1, value => Array.isArray((value as Partial<Discards>).folders))
  return read === undefined || 'broken' in read ? [] : read.record.folders
}

/** Removing would go on into what is mounted there. */
function mountIn(folder: string): string | undefined {
  if (!existsSync(folder)) return undefined
  const top = realpathSync(folder)
  const points = parseMountinfo(readFileSync('/proc/self/mountinfo', 'utf8')).map(each => each.mountpoint)
  const point = points.find(each => each === top || each.startsWith(`${top}/`))
  return point === undefined ? undefined : `something is mounted at ${point}`
}

/** How long a copy that nobody waits for any more may go on: it ends when the folder that it writes to has gone. */
const WRITTEN_MILLISECONDS = 30_000
const PAUSE_MILLISECONDS = 50

/**
 * Why it could not be removed; undefined where it was. Of an engine that was killed the copying goes on: what it has written when a folder has been
 * looked through keeps that from being removed.
 */
async function tryRemove(folder: string, patient: boolean): Promise<string | undefined> {
  const deadline = performance.now() + (patient ? WRITTEN_MILLISECONDS : 0)
  for (;;) {
    try {
      await removeTree(folder)
      return undefined
    } catch (error) {
      const errno = nativeErrorOf(error)?.errno ?? errnoOf(error)
      if (errno === undefined) throw error
      if (errno !== 'ENOTEMPTY' || performance.now() > deadline) return messageOf(error)
    }
    await sleep(PAUSE_MILLISECONDS)
  }
}
