import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { errnoOf } from '../diagnostics/index.ts'

/** What the kernel says of a process and its signals at one moment. Signals are bit sets: bit n-1 is signal n. */
export interface SignalState {
  /** Has a handler; of all threads. */
  readonly caught: bigint
  /** Of all signalfds that are open; those that cannot be told apart count as all signals. */
  readonly watched: bigint
  readonly threads: readonly ThreadState[]
}

/** One thread of it. */
export interface ThreadState {
  readonly id: number
  /** proc_pid_status(5): `S` sleeps and can be woken. */
  readonly letter: string
  readonly blocked: bigint
  /** Sent to the thread or to the whole process, and not taken yet. */
  readonly pending: bigint
  /** Another process sees its signals first. */
  readonly isTraced: boolean
  /** It waits in sigwait(3) or one of its kin, which take blocked signals out of `blocked` meanwhile. */
  readonly awaitsSignals: boolean
  /** How often it has been switched off the processor: a thread that sleeps at the same count has not run. */
  readonly switches: number
}

/** More threads or files than are looked at for one answer. */
const MOST_THREADS = 64
const MOST_FILES = 1024

/**
 * Looks at process `pid`. Undefined when it is gone, or when not all can be seen: too many threads or files, or a kernel or
 * a security module that does not show what they wait for.
 */
export function readSignalState(pid: number): SignalState | undefined {
  try {
    const threads = readdirSync(`/proc/${pid}/task`)
    if (threads.length === 0 || threads.length > MOST_THREADS) return undefined
    const caught = maskOf(readFileSync(`/proc/${pid}/status`, 'utf8'), 'SigCgt')
    return {
      caught,
      watched: readWatched(pid),
      threads: threads.map(id => readThread(`/proc/${pid}/task/${id}`, Number(id))),
    }
  } catch (error) {
    if (error instanceof Unreadable || UNSEEN.has(errnoOf(error) ?? '')) return undefined
    throw error
  }
}

/** Gone, or not shown to us. */
const UNSEEN: ReadonlySet<string> = new Set(['ENOENT', 'ESRCH', 'EACCES', 'EPERM', 'EINVAL', 'EIO'])

class Unreadable extends Error {}

function readThread(folder: string, id: number): ThreadState {
  return parseThread(id, readFileSync(`${folder}/status`, 'utf8'), readFileSync(`${folder}/syscall`, 'utf8'))
}

/** Reads the texts of /proc/PID/task/ID/status and …/syscall. */
export function parseThread(id: number, status: string, syscall: string): ThreadState {
  return {
    id,
    letter: fieldOf(status, 'State').charAt(0),
    blocked: maskOf(status, 'SigBlk'),
    pending: maskOf(status, 'SigPnd') | maskOf(status, 'ShdPnd'),
    isTraced: fieldOf(status, 'TracerPid') !== '0',
    awaitsSignals: isSignalWait(syscall),
    switches:
      Number(fieldOf(status, 'voluntary_ctxt_switches')) +
      Number(fieldOf(status, 'nonvoluntary_ctxt_switches')),
  }
}

/**
 * rt_sigtimedwait and rt_sigtimedwait_time64 of all calling conventions that a process may have. Numbers of other calls among
 * them are those of calls that do not wait, or of none.
 */
const SIGNAL_WAITS: ReadonlySet<number> = new Set([
  128, // x86_64
  137, // arm64, and the kernel's table for new architectures
  177, // i386, arm
  421, // 32 bits, time64
  523, // x32
])
/** Marks the numbers of x32. */
const X32 = 0x40000000

function isSignalWait(syscall: string): boolean {
  const number = Number.parseInt(syscall, 10)
  return SIGNAL_WAITS.has(number & ~X32)
}

function readWatched(pid: number): bigint {
  const files = readdirSync(`/proc/${pid}/fd`)
  if (files.length > MOST_FILES) throw new Unreadable()
  let watched = 0n
  for (const file of files) {
    if (linkOf(`/proc/${pid}/fd/${file}`) !== 'anon_inode:[signalfd]') continue
    const mask = /^sigmask:\s*([0-9a-f]+)$/m.exec(readFileSync(`/proc/${pid}/fdinfo/${file}`, 'utf8'))?.[1]
    watched |= mask === undefined ? ~0n : BigInt(`0x${mask}`)
  }
  return watched
}

/** A file may be closed between its listing and its reading. */
function linkOf(path: string): string | undefined {
  try {
    return readlinkSync(path)
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined
    throw error
  }
}

function fieldOf(status: string, name: string): string {
  const start = status.indexOf(`\n${name}:`)
  if (start < 0) throw new Unreadable()
  const from = start + name.length + 2
  const end = status.indexOf('\n', from)
  return status.slice(from, end < 0 ? undefined : end).trim()
}

function maskOf(status: string, name: string): bigint {
  return BigInt(`0x${fieldOf(status, name)}`)
}
