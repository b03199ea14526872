import { type Failure, failure } from '../diagnostics/index.ts'
import type { ProcessIdentity, ProcessOfThisBoot } from '../linux/process-identity.ts'
import { type MonitorStatus, STATUS_LINES, STATUS_VERSION, type StatusLine } from './status-lines.ts'

/** Parses a monitor's status file. Raises STATUS_UNREADABLE when it is not one of ours, or of a later version. */
export function parseStatus(text: string): MonitorStatus {
  const values = new Map<string, string>()
  for (const line of text.split('\n')) {
    const equals = line.indexOf('=')
    if (equals > 0) values.set(line.slice(0, equals), line.slice(equals + 1))
  }
  const lines: readonly (readonly [string, StatusLine])[] = Object.entries(STATUS_LINES)
  const last = lines.at(-1)?.[1].key ?? ''
  // Its last line is there and whole: what is cut off may still read like a status.
  if (!text.endsWith('\n') || !values.has(last) || values.get('version') !== String(STATUS_VERSION)) {
    throw unreadable(`no whole status of version ${STATUS_VERSION}`)
  }
  const read = lines.map(([field, line]) => [field, readValue(line, values.get(line.key) ?? absent(line))])
  // The table that the values were read by is what the type is made of.
  return Object.fromEntries(read) as unknown as MonitorStatus
}

/** What every monitor writes. One of an older version lacks lines that came later: to it, nothing of theirs has happened. */
const ALWAYS: ReadonlySet<string> = new Set(['monitor_pid', 'monitor_start', 'pid', 'pid_start', 'boot_id'])
const NOTHING_YET: Readonly<Record<StatusLine['kind'], string>> = {
  number: '0',
  code: '-1',
  big: '0',
  time: '0',
  flag: '0',
  text: '',
  word: '',
}

function absent({ key, kind }: StatusLine): string {
  return ALWAYS.has(key) ? '' : NOTHING_YET[kind]
}

function unreadable(what: string): Failure {
  return failure({ code: 'STATUS_UNREADABLE', summary: `Monitor status cannot be read: ${what}` })
}

function readValue(line: StatusLine, text: string): unknown {
  switch (line.kind) {
    case 'number':
      return number(line, text)
    case 'code': {
      const code = number(line, text)
      return code < 0 ? undefined : code
    }
    case 'big':
      return big(line, text)
    case 'time': {
      const time = big(line, text)
      return time === 0n ? undefined : time
    }
    case 'flag':
      return text === '1'
    case 'word':
      if (!line.words?.includes(text)) throw unreadable(`"${line.key}" is none of ${line.words?.join(', ')}`)
      return text
    case 'text':
      return text
  }
}

function number({ key }: StatusLine, text: string): number {
  const value = Number(text)
  if (text === '' || !Number.isSafeInteger(value)) throw unreadable(`"${key}" is no number`)
  return value
}

function big({ key }: StatusLine, text: string): bigint {
  if (!/^\d+$/.test(text)) throw unreadable(`"${key}" is no number`)
  return BigInt(text)
}

/** The monitor that tells this status. */
export function monitorOf({ monitorPid, monitorStartTime, bootId }: MonitorStatus): ProcessIdentity {
  return { pid: monitorPid, startTime: monitorStartTime, bootId }
}

/** The container's first process; its pid is 0 when none runs. */
export function firstProcessOf({ pid, pidStartTime }: MonitorStatus): ProcessOfThisBoot {
  return { pid, startTime: pidStartTime }
}
