import { join } from 'node:path'
import { firstOfThread, ownIdentity, renderIdentity } from '../../linux/process-identity.ts'
import { poll } from '../delay.ts'
import { drawTicket, holderOf, isBefore, type LockHolder, readQueue, returnTicket } from './tickets.ts'

export interface LockOptions {
  /** RUN/projects. */
  readonly folder: string
  readonly project: string
  /** What this process is, for those who wait. */
  readonly command: string
  /** Pid by which they are told of it; default: this process's. */
  readonly pid?: number
  /** Called for the holder that it has to wait for, and for a later one where that takes ten seconds and more. */
  readonly onWait?: (holder: LockHolder) => void
  readonly signal?: AbortSignal
}

export type { LockHolder } from './tickets.ts'

/** Milliseconds in which who waits is told of no other holder. */
const QUIET = 10_000

let acquisitions = 0

/**
 * Runs `work` while this process alone holds the project; waits for whoever holds it, first come, first served. Any death
 * of the process frees it, SIGKILL too.
 *
 * Node has no flock. This is Lamport's bakery on a folder, `<project>.lock/`: say that you are choosing a number, take
 * one more than the highest there is, stop saying so; it is your turn when nobody is choosing (looked at first) and no
 * lower number is there (looked at then). Every file carries its process's identity (boot, pid, start time) and a name
 * that is never used twice, so what a dead process left is told apart and removed without a race.
 */
export async function withProjectLock<T>(options: LockOptions, work: () => Promise<T>): Promise<T> {
  const folder = join(options.folder, `${options.project}.lock`)
  acquisitions += 1
  const owner = `${renderIdentity(ownIdentity())}.${firstOfThread() + acquisitions}`
  const { command, pid = process.pid } = options
  const number = drawTicket(folder, owner, { command, pid })
  try {
    await waitForTurn(folder, number, owner, options)
    return await work()
  } finally {
    returnTicket(folder, number, owner)
  }
}

async function waitForTurn(
  folder: string,
  number: number,
  owner: string,
  options: LockOptions,
): Promise<void> {
  const told = new Set<string>()
  // Among forty that wait each would else be told of all before it.
  let quietUntil = 0
  await poll(async () => {
    if (readQueue(folder, owner).isAnybodyChoosing) return undefined
    const first = readQueue(folder, owner).tickets.find(ticket => isBefore(ticket, number, owner))
    if (first === undefined) return true
    const isKnown = told.has(first.owner) || performance.now() < quietUntil
    const holder = isKnown ? undefined : holderOf(folder, first)
    if (holder !== undefined) {
      told.add(first.owner)
      quietUntil = performance.now() + QUIET
      options.onWait?.(holder)
    }
    return undefined
  }, options.signal)
}
