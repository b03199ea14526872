import { setTimeout as sleep } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import { ageOf } from '../../linux/process-identity.ts'
import { readSignalState, type SignalState } from '../../linux/signal-state.ts'
import type { Container } from '../state/container.ts'
import type { Live } from '../state/live.ts'
import { SIGKILL, SIGSTOP } from '../terms/signals.ts'

/** Milliseconds that a process which listens to nothing, but is busy, is given to come to rest. */
const REST_MILLISECONDS = 50
/** Seconds in which a program sets up its handlers. */
const YOUNG_SECONDS = 1
const POLL_MILLISECONDS = 10
/** One that runs more often than this in a second, all its life, is likely to run between two looks. */
const BUSY_SWITCHES = 4
const BUSY_POLL_MILLISECONDS = 1

/** PID 1 at rest, in a state in which the kernel drops the signal. */
export interface DeafInit {
  readonly pid: number
  readonly state: SignalState
}

/**
 * The kernel drops every signal but KILL and STOP that reaches the first process of a pid namespace where it has the
 * default action or is ignored, and is not blocked (pid_namespaces(7)). Whoever finds PID 1 so, sends the signal, and
 * finds that PID 1 has not run meanwhile (`wasDropped`), knows that it was dropped: docs/architecture.md, "Stopping".
 *
 * Returns as soon as somebody may take the signal, with undefined: it is to be sent, and its grace to be waited out. One
 * that listens to nothing is waited for while it is young, since it may be about to listen; `patience` is the most.
 */
export async function findDeafInit(
  container: Container,
  live: Live,
  signal: number,
  patience: number,
): Promise<DeafInit | undefined> {
  // In a pid namespace that it shares it is not the first process: unhandled signals end it.
  if (container.terms.namespaces.pid.kind !== 'private' || signal === SIGKILL || signal === SIGSTOP)
    return undefined
  const begin = performance.now()
  for (let before: SignalState | undefined; ; ) {
    const { pid = 0, pidStartTime = 0n } = live.status ?? {}
    if (container.live !== live || !container.running || pid === 0) return undefined
    const state = readSignalState(pid)
    if (state === undefined || mayTake(state, signal)) return undefined
    const age = ageOf(pidStartTime)
    const waited = performance.now() - begin
    const isLast = waited >= patience || (age >= YOUNG_SECONDS && waited >= REST_MILLISECONDS)
    const isBusy = switchesOf(state) > age * BUSY_SWITCHES
    // One that goes from nap to nap has just begun one when it has run since the last look.
    const isMoment = !isBusy || isLast || (before !== undefined && !isDeepStrictEqual(before, state))
    if (age >= YOUNG_SECONDS && isMoment && isAtRest(pid, state)) return { pid, state }
    if (isLast) return undefined
    before = state
    await sleep(isBusy && age >= YOUNG_SECONDS ? BUSY_POLL_MILLISECONDS : POLL_MILLISECONDS)
  }
}

function switchesOf({ threads }: SignalState): number {
  return threads.reduce((sum, { switches }) => sum + switches, 0)
}

/** Whether the signal that was sent since has been dropped; false where that is not proven. */
export function wasDropped({ pid, state }: DeafInit): boolean {
  return isAtRest(pid, state)
}

/** Whether anybody gets to know of the signal, now or when it is no longer blocked. */
export function mayTake({ caught, watched, threads }: SignalState, signal: number): boolean {
  const bit = 1n << BigInt(signal - 1)
  return (
    ((caught | watched) & bit) !== 0n ||
    threads.some(
      ({ blocked, pending, isTraced, awaitsSignals }) =>
        isTraced || awaitsSignals || ((blocked | pending) & bit) !== 0n,
    )
  )
}

/**
 * Whether every thread sleeps and none has run since `state` was read. Two looks, because each takes its time: what is in
 * the second of two equal ones was so at the end of the first.
 */
function isAtRest(pid: number, state: SignalState): boolean {
  if (state.threads.some(({ letter }) => letter !== 'S')) return false
  return [1, 2].every(() => isDeepStrictEqual(readSignalState(pid), state))
}
