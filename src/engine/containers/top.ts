import { readFileSync } from 'node:fs'
import type { ContainerTopResponse } from '../../api/types/index.ts'
import { errnoOf, failure } from '../../diagnostics/index.ts'
import type { Container } from '../state/container.ts'
import type { EngineContext } from '../state/context.ts'
import { requireLive } from './kill.ts'

/** Clock ticks a second; the same on every Linux that Node runs on. */
const TICKS = 100
const TITLES = ['UID', 'PID', 'PPID', 'C', 'STIME', 'TTY', 'TIME', 'CMD'] as const

/** `GET /containers/{id}/top`: the columns of `ps -ef`, read from /proc. Other columns would need ps(1) of the host. */
export function topContainer(
  engine: Pick<EngineContext, 'host'>,
  container: Container,
  psArgs: string,
): ContainerTopResponse {
  requireLive(container)
  if (!['', '-ef', 'ef', '-e -f', 'aux', '-aux'].includes(psArgs)) {
    throw failure({
      code: 'PS_ARGS',
      kind: 'invalidArgument',
      summary: `ps arguments "${psArgs}" are not supported, want -ef`,
    })
  }
  const rows = engine.host.cgroups.processes(container.id).flatMap(pid => readProcess(pid) ?? [])
  return { Titles: TITLES, Processes: rows.map(row => TITLES.map(title => row[title])) }
}

type Row = Record<(typeof TITLES)[number], string>

/** One process; undefined when it has just ended. */
function readProcess(pid: number): Row | undefined {
  const stat = readProc(`/proc/${pid}/stat`)
  const status = readProc(`/proc/${pid}/status`)
  const commandLine = readProc(`/proc/${pid}/cmdline`)
  if (stat === undefined || status === undefined || commandLine === undefined) return undefined
  const nameEnd = stat.lastIndexOf(')')
  const fields = stat.slice(nameEnd + 2).split(' ')
  const field = (number: number): number => Number(fields[number - 3] ?? 0)
  const command = commandLine.replace(/\0+$/, '').replaceAll('\0', ' ')
  const seconds = Math.floor((field(14) + field(15)) / TICKS)
  const started = new Date(Date.now() - (uptime() - field(22) / TICKS) * 1000)
  return {
    UID: /^Uid:\s+\d+\s+(\d+)/m.exec(status)?.[1] ?? '0',
    PID: String(pid),
    PPID: String(field(4)),
    C: '0',
    STIME: started.toTimeString().slice(0, 5),
    TTY: ttyName(field(7)),
    TIME: new Date(seconds * 1000).toISOString().slice(11, 19),
    CMD: command === '' ? `[${stat.slice(stat.indexOf('(') + 1, nameEnd)}]` : command,
  }
}

function uptime(): number {
  return Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0])
}

/** Unix98 terminals have the major numbers 136 to 143. */
function ttyName(device: number): string {
  const major = (device >> 8) & 0xfff
  return major >= 136 && major <= 143 ? `pts/${(device & 0xff) + (major - 136) * 256}` : '?'
}

function readProc(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ESRCH') return undefined
    throw error
  }
}
