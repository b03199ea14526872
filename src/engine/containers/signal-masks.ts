import { readFileSync } from 'node:fs'
import { errnoOf } from '../../diagnostics/index.ts'

/** What the kernel says of a process' signals, each a bit set (bit n-1 = signal n). */
export interface SignalMasks {
  readonly blocked: bigint
  readonly ignored: bigint
  readonly caught: bigint
}

/**
 * Whether a signal from outside does provably nothing to PID 1 of a pid namespace: the kernel drops every signal but
 * KILL and STOP for which the namespace's init has no handler (pid_namespaces(7)). A blocked signal may be waited for
 * with signalfd or sigwait, so it counts as handled.
 */
export function isDeafTo(masks: SignalMasks, signal: number): boolean {
  const bit = 1n << BigInt(signal - 1)
  return (masks.caught & bit) === 0n && (masks.blocked & bit) === 0n
}

/** The masks of process `pid`; undefined when it is gone. */
export function readSignalMasks(pid: number): SignalMasks | undefined {
  try {
    return parseSignalMasks(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch (error) {
    if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ESRCH') return undefined
    throw error
  }
}

/** Reads `SigBlk`, `SigIgn` and `SigCgt` of a /proc/<pid>/status text; undefined when one is missing. */
export function parseSignalMasks(status: string): SignalMasks | undefined {
  const maskOf = (name: string): bigint | undefined => {
    const digits = new RegExp(`^${name}:\\s*([0-9a-f]+)$`, 'm').exec(status)?.[1]
    return digits === undefined ? undefined : BigInt(`0x${digits}`)
  }
  const [blocked, ignored, caught] = [maskOf('SigBlk'), maskOf('SigIgn'), maskOf('SigCgt')]
  if (blocked === undefined || ignored === undefined || caught === undefined) return undefined
  return { blocked, ignored, caught }
}
