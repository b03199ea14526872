import { closeSync, constants, openSync, readSync } from 'node:fs'
import { errnoOf } from '../../diagnostics/index.ts'
import { isBudget } from './places.ts'

/** Whom the kernel killed for want of memory, and whose limit had been reached. */
export interface OomVictim {
  /** Name of the process, at most 15 bytes, and its pid on the host. */
  readonly name: string
  readonly pid: number
  /** The limit was that of a group further up, not the container's own. */
  readonly elsewhere: boolean
  /** And that group is the outermost, which a budget has. */
  readonly ofBudget: boolean
}

/**
 * The last victim in the groups of a container, in the records of the kernel's log (Documentation/ABI/testing/dev-kmsg): the line
 * `oom-kill:` has its group, and the group whose limit it was. The name may hold any byte, so that numbers are looked for from the end.
 */
export function findVictim(records: readonly string[], id: string): OomVictim | undefined {
  const line = records.findLast(
    record =>
      record.includes('oom-kill:') && new RegExp(`task_memcg=[^,]*/${id}(/[^,]*)?,task=`).test(record),
  )
  const found = line && /oom_memcg=([^,]*),task_memcg=[^,]*,task=(.*),pid=(\d+),uid=\d+/.exec(line)
  if (!found) return undefined
  const [, limited = '', name = '', pid = '0'] = found
  const elsewhere = !limited.split('/').includes(id)
  return { name, pid: Number(pid), elsewhere, ofBudget: elsewhere && isBudget(limited) }
}

/** More than the kernel keeps where nobody has asked for more. */
const RECORDS_MAX = 20_000
const RECORD_MAX = 8192

/** The records that the kernel's log has; none where it may not be read. */
export function readKernelLog(path = '/dev/kmsg'): string[] {
  const records: string[] = []
  let fd: number | undefined
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
    const bytes = Buffer.alloc(RECORD_MAX)
    while (records.length < RECORDS_MAX) {
      const length = readRecord(fd, bytes)
      if (length === 0) break
      if (length > 0) records.push(bytes.toString('utf8', 0, length))
    }
  } catch (error) {
    if (errnoOf(error) === undefined) throw error
  } finally {
    if (fd !== undefined) closeSync(fd)
  }
  return records
}

/** Bytes of the next record; 0 at the end, -1 for one that was overwritten meanwhile. */
function readRecord(fd: number, bytes: Buffer): number {
  try {
    return readSync(fd, bytes)
  } catch (error) {
    if (errnoOf(error) === 'EPIPE') return -1
    if (errnoOf(error) === 'EAGAIN') return 0
    throw error
  }
}
