import { readFileSync } from 'node:fs'
import { uptime } from 'node:os'
import { errnoOf } from '../diagnostics/index.ts'

/** What the kernel counts start times in (proc_pid_stat(5), field 22). */
const TICKS_PER_SECOND = 100

/** A process of this boot is known by pid and start time, never by pid alone: pids are used again. */
export interface ProcessOfThisBoot {
  readonly pid: number
  /** Field 22 of /proc/<pid>/stat: clock ticks since boot. */
  readonly startTime: bigint
}

/** A process of any boot. */
export interface ProcessIdentity extends ProcessOfThisBoot {
  readonly bootId: string
}

let bootId: string | undefined

/** This boot's id, with its dashes. */
export function readBootId(): string {
  bootId ??= readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
  return bootId
}

/** Start time of the living process `pid`; undefined when there is none, or only its zombie. */
export function startTimeOf(pid: number): bigint | undefined {
  let stat: string
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  } catch (error) {
    if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ESRCH') return undefined
    throw error
  }
  // The command name, field 2, may hold spaces and parentheses: the fields that can be split follow the last one.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return fields[0] === 'Z' || fields[0] === 'X' ? undefined : BigInt(fields[19] ?? 0)
}

/** Seconds since then, by the clock of the boot, which nobody sets and which counts the machine's sleep. */
export function ageOf(startTime: bigint): number {
  return uptime() - Number(startTime) / TICKS_PER_SECOND
}

let own: ProcessIdentity | undefined

/** The identity of this very process, which stays what it is. */
export function ownIdentity(): ProcessIdentity {
  own ??= { pid: process.pid, startTime: startTimeOf(process.pid) ?? 0n, bootId: readBootId() }
  return own
}

/** Numbers that a thread has to itself, from one on. */
const NUMBERS_OF_THREAD = 1_000_000

let thread = 0

/** Says which thread of its process runs this code; the first one need not. What is named or counted by the process is told apart by it. */
export function beThread(id: number): void {
  thread = id
}

/** What this thread counts from, so that no other one of the process has its numbers. */
export function firstOfThread(): number {
  return thread * NUMBERS_OF_THREAD
}

/** Whether a number was counted by that thread. */
export function isNumberOfThread(number: number, id: number): boolean {
  return Math.floor(number / NUMBERS_OF_THREAD) === id
}

/** Pid, and thread: what no other thread of a living process is called, fit for a part of a file's name. */
export function ownName(): string {
  return thread === 0 ? String(process.pid) : `${process.pid}-${thread}`
}

/** Whether exactly this process still lives. */
export function isAlive(identity: ProcessIdentity): boolean {
  return identity.bootId === readBootId() && startTimeOf(identity.pid) === identity.startTime
}

/** `<boot>-<pid>-<start time>`, the boot's id without its dashes: fit for a part of a file's name. */
export function renderIdentity({ pid, startTime, bootId }: ProcessIdentity): string {
  return `${bootId.replaceAll('-', '')}-${pid}-${startTime}`
}

/** Reads `renderIdentity`; undefined for anything else. */
export function parseIdentity(text: string): ProcessIdentity | undefined {
  const [, boot, pid, startTime] = /^([0-9a-f]{32})-(\d+)-(\d+)$/.exec(text) ?? []
  if (boot === undefined || startTime === undefined) return undefined
  return {
    pid: Number(pid),
    startTime: BigInt(startTime),
    bootId: boot.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-'),
  }
}
