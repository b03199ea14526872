import { readFileSync } from 'node:fs'
import { errnoOf } from '../../diagnostics/index.ts'

/**
 * A process that can not be mistaken for a later one with its number: the boot, the pid, and when it started. As text it
 * is a file name.
 */
export interface ProcessIdentity {
  readonly boot: string
  readonly pid: number
  /** Clock ticks since boot, field 22 of `/proc/<pid>/stat`. */
  readonly started: string
}

/** This process. */
export function ownIdentity(): ProcessIdentity {
  return { boot: bootId(), pid: process.pid, started: startTime(process.pid) ?? '0' }
}

/** True while that very process exists; zombies count as gone. */
export function isAlive({ boot, pid, started }: ProcessIdentity): boolean {
  return boot === bootId() && startTime(pid) === started
}

/** `<boot>-<pid>-<started>`. */
export function renderIdentity({ boot, pid, started }: ProcessIdentity): string {
  return `${boot}-${pid}-${started}`
}

/** Reads `renderIdentity`; undefined for anything else. */
export function parseIdentity(text: string): ProcessIdentity | undefined {
  const match = /^([0-9a-f]+)-(\d+)-(\d+)$/.exec(text)
  if (match?.[1] === undefined || match[3] === undefined) return undefined
  return { boot: match[1], pid: Number(match[2]), started: match[3] }
}

let boot: string | undefined

function bootId(): string {
  boot ??= readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').replaceAll('-', '').trim()
  return boot
}

/** The name in the second field may hold spaces and parentheses, so what follows is counted from the last one. */
function startTime(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return fields[0] === 'Z' ? undefined : fields[19]
  } catch (error) {
    const code = errnoOf(error)
    if (code === 'ENOENT' || code === 'ESRCH') return undefined
    throw error
  }
}
