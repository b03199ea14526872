import { type ProcessFacts, TICKS } from './process.ts'

/** What a column is made of beside the process. */
export interface Machine {
  /** Milliseconds since the epoch. */
  readonly now: number
  /** Seconds since boot. */
  readonly uptime: number
  /** Bytes. */
  readonly memory: number
  /** Names of the host's users. */
  readonly users: ReadonlyMap<number, string>
}

/** A column of ps(1): its title, and what it says of a process. */
export interface Column {
  readonly title: string
  readonly of: (process: ProcessFacts, machine: Machine) => string
}

/** Longer names end with a plus sign. */
const USER_WIDTH = 8

/** The columns that `ps -o` knows, by their names there. */
export const COLUMNS: Readonly<Record<string, Column>> = {
  ...named('PID', 'pid', ({ pid }) => String(pid)),
  ...named('PPID', 'ppid', ({ parent }) => String(parent)),
  ...named('PGID', 'pgid pgrp', ({ group }) => String(group)),
  ...named('SID', 'sid sess session', ({ session }) => String(session)),
  ...named('USER', 'user euser uname', ({ uid }, machine) => userName(uid, machine)),
  ...named('RUSER', 'ruser', ({ realUid }, machine) => userName(realUid, machine)),
  ...named('UID', 'uid euid', ({ uid }) => String(uid)),
  ...named('RUID', 'ruid', ({ realUid }) => String(realUid)),
  ...named('C', 'c', (process, machine) =>
    String(Math.min(99, Math.floor(processorShare(process, machine)))),
  ),
  ...named('%CPU', 'pcpu %cpu', (process, machine) => processorShare(process, machine).toFixed(1)),
  ...named('%MEM', 'pmem %mem', ({ resident }, { memory }) => floored((resident / memory) * 100).toFixed(1)),
  ...named('VSZ', 'vsz vsize', ({ virtual }) => String(Math.floor(virtual / 1024))),
  ...named('RSS', 'rss rssize rsz', ({ resident }) => String(Math.floor(resident / 1024))),
  ...named('TTY', 'tty tname', ({ terminal }) => terminal),
  ...named('TT', 'tt', ({ terminal }) => terminal),
  ...named('STAT', 'stat', statusText),
  ...named('S', 's state', ({ state }) => state),
  ...named('NI', 'ni nice', ({ nice }) => String(nice)),
  ...named('PRI', 'pri', ({ priority }) => String(39 - priority)),
  ...named('NLWP', 'nlwp thcount', ({ threads }) => String(threads)),
  ...named('STIME', 'stime', beganAt),
  ...named('START', 'start_time', beganAt),
  ...named('START', 'bsdstart start', beganWithinDay),
  ...named('STARTED', 'lstart', (process, machine) => {
    const [day, month, date, year, clock] = beginOf(process, machine).toString().split(' ')
    return `${day} ${month} ${String(Number(date)).padStart(2)} ${clock} ${year}`
  }),
  ...named('ELAPSED', 'etime', (process, machine) => elapsedText(ageOf(process, machine))),
  ...named('ELAPSED', 'etimes', (process, machine) => String(Math.floor(ageOf(process, machine)))),
  ...named('TIME', 'time cputime', ({ ticks }) => clockText(ticks / TICKS)),
  ...named('TIME', 'bsdtime', ({ ticks }) => `${Math.floor(ticks / TICKS / 60)}:${two(ticks / TICKS)}`),
  ...named('COMMAND', 'comm ucmd ucomm', ({ name }) => name),
  ...named('COMMAND', 'args command', ({ command }) => command),
  ...named('CMD', 'cmd', ({ command }) => command),
}

function named(title: string, names: string, of: Column['of']): Record<string, Column> {
  return Object.fromEntries(names.split(' ').map(name => [name, { title, of }]))
}

function userName(uid: number, { users }: Machine): string {
  const name = users.get(uid) ?? String(uid)
  return name.length > USER_WIDTH ? `${name.slice(0, USER_WIDTH - 1)}+` : name
}

const ageOf = ({ began }: ProcessFacts, { uptime }: Machine): number => Math.max(0, uptime - began / TICKS)
const floored = (share: number): number => Math.floor(share * 10) / 10

/** Percent of one processor over the process's life. */
function processorShare(process: ProcessFacts, machine: Machine): number {
  const age = ageOf(process, machine)
  return age === 0 ? 0 : floored((process.ticks / TICKS / age) * 100)
}

function statusText(process: ProcessFacts): string {
  const { state, nice, locked, session, pid, threads, terminalGroup, group } = process
  const marks = [
    nice < 0 ? '<' : nice > 0 ? 'N' : '',
    locked ? 'L' : '',
    session === pid ? 's' : '',
    threads > 1 ? 'l' : '',
    terminalGroup === group ? '+' : '',
  ]
  return state + marks.join('')
}

const beginOf = (process: ProcessFacts, machine: Machine): Date =>
  new Date(machine.now - ageOf(process, machine) * 1000)

/** The time of today, the day of this year, or the year. */
function beganAt(process: ProcessFacts, machine: Machine): string {
  const [began, now] = [beginOf(process, machine), new Date(machine.now)]
  if (began.getFullYear() !== now.getFullYear()) return String(began.getFullYear())
  return began.toDateString() === now.toDateString() ? began.toTimeString().slice(0, 5) : dayText(began)
}

function beganWithinDay(process: ProcessFacts, machine: Machine): string {
  const began = beginOf(process, machine)
  return ageOf(process, machine) < 24 * 3600 ? began.toTimeString().slice(0, 5) : dayText(began)
}

/** `Nov28`. */
function dayText(date: Date): string {
  const [, month, day] = date.toDateString().split(' ')
  return `${month}${day}`
}

const two = (seconds: number): string => String(Math.floor(seconds) % 60).padStart(2, '0')

/** `[days-]hours:minutes:seconds`. */
function clockText(seconds: number): string {
  const days = Math.floor(seconds / 86_400)
  const clock = [Math.floor(seconds / 3600) % 24, Math.floor(seconds / 60) % 60, Math.floor(seconds) % 60]
  const text = clock.map(part => String(part).padStart(2, '0')).join(':')
  return days === 0 ? text : `${days}-${text}`
}

/** The same, without hours that are none. */
function elapsedText(seconds: number): string {
  return clockText(seconds).replace(/^00:/, '')
}
