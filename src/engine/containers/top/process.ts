import { closeSync, openSync, readFileSync, readSync } from 'node:fs'
import { errnoOf } from '../../../diagnostics/index.ts'

/** Clock ticks a second; the same on every Linux that Node runs on. */
export const TICKS = 100
/** `/proc/PID/stat` counts memory in pages. */
const PAGE = 4096

/** What /proc says of one process. */
export interface ProcessFacts {
  readonly pid: number
  readonly parent: number
  readonly group: number
  readonly session: number
  /** The foreground group of its terminal. */
  readonly terminalGroup: number
  readonly terminal: string
  /** `S`, `R`, `Z` … */
  readonly state: string
  readonly uid: number
  readonly realUid: number
  readonly nice: number
  readonly priority: number
  readonly threads: number
  /** Processor time, in ticks. */
  readonly ticks: number
  /** When it began, in ticks since boot. */
  readonly began: number
  /** Bytes. */
  readonly virtual: number
  readonly resident: number
  readonly locked: boolean
  /** Its name, 15 characters at most. */
  readonly name: string
  /** Its arguments, or its name in brackets where it has none. */
  readonly command: string
}

/** Reads one process, of its arguments so many bytes; undefined when it has just ended. */
export function readProcess(pid: number, argumentsMost: number): ProcessFacts | undefined {
  const stat = readProc(`/proc/${pid}/stat`)
  const status = readProc(`/proc/${pid}/status`)
  const commandLine = readProc(`/proc/${pid}/cmdline`, path => readBeginning(path, argumentsMost))
  if (stat === undefined || status === undefined || commandLine === undefined) return undefined
  return processFacts(stat, status, commandLine)
}

/** The facts of the three files; a name may hold blanks and parentheses. */
export function processFacts(stat: string, status: string, commandLine: string): ProcessFacts {
  const nameEnd = stat.lastIndexOf(')')
  const name = stat.slice(stat.indexOf('(') + 1, nameEnd)
  const fields = stat.slice(nameEnd + 2).split(' ')
  // Numbered as in proc(5).
  const field = (number: number): number => Number(fields[number - 3] ?? 0)
  const [, realUid = '0', uid = '0'] = /^Uid:\s+(\d+)\s+(\d+)/m.exec(status) ?? []
  const command = commandLine.replace(/\0+$/, '').replaceAll('\0', ' ')
  return {
    pid: Number.parseInt(stat, 10),
    parent: field(4),
    group: field(5),
    session: field(6),
    terminal: terminalName(field(7)),
    terminalGroup: field(8),
    state: fields[0] ?? '?',
    uid: Number(uid),
    realUid: Number(realUid),
    nice: field(19),
    priority: field(18),
    threads: field(20),
    ticks: field(14) + field(15),
    began: field(22),
    virtual: field(23),
    resident: field(24) * PAGE,
    locked: /^VmLck:\s+[1-9]/m.test(status),
    name,
    command: command === '' ? `[${name}]${fields[0] === 'Z' ? ' <defunct>' : ''}` : command,
  }
}

/** Unix98 terminals have the major numbers 136 to 143. */
function terminalName(device: number): string {
  const major = (device >> 8) & 0xfff
  return major >= 136 && major <= 143 ? `pts/${(device & 0xff) + (major - 136) * 256}` : '?'
}

function readWhole(path: string): string {
  return readFileSync(path, 'utf8')
}

/** At most so many bytes of a file; an ellipsis says that there are more. */
function readBeginning(path: string, most: number): string {
  const bytes = Buffer.allocUnsafe(most + 1)
  const fd = openSync(path, 'r')
  try {
    const count = readSync(fd, bytes)
    return bytes.toString('utf8', 0, Math.min(count, most)) + (count > most ? '…' : '')
  } finally {
    closeSync(fd)
  }
}

/** Undefined where the process has ended. */
function readProc(path: string, read: (path: string) => string = readWhole): string | undefined {
  try {
    return read(path)
  } catch (error) {
    if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ESRCH') return undefined
    throw error
  }
}
