import { mkdirSync, readdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { errnoOf } from '../../diagnostics/index.ts'
import {
  isAlive,
  isNumberOfThread,
  ownIdentity,
  type ProcessIdentity,
  parseIdentity,
  renderIdentity,
} from '../../linux/process-identity.ts'

/** Who holds a project. */
export interface LockHolder {
  readonly pid: number
  /** Its command line, `tscompose up -d`. */
  readonly command: string
}

/** A place in the queue: the lower number is first, of equal numbers the lower name. */
export interface Ticket {
  readonly file: string
  readonly number: number
  readonly owner: string
  readonly identity: ProcessIdentity
}

/** The queue's folder as it was at one moment; what processes that are gone left in it has been removed. */
export interface Queue {
  readonly isAnybodyChoosing: boolean
  readonly tickets: readonly Ticket[]
}

const CHOOSING = 'choosing'
const TICKET = 'ticket'

/** Names are used once and never again, so removing a dead process's file can not hit a living one's. */
export function readQueue(folder: string, except: string): Queue {
  const tickets: Ticket[] = []
  let isAnybodyChoosing = false
  for (const file of readdirSync(folder)) {
    const entry = parseName(file)
    if (entry === undefined || entry.owner === except) continue
    if (!isAlive(entry.identity)) rmSync(join(folder, file), { force: true })
    else if (entry.number === undefined) isAnybodyChoosing = true
    else tickets.push({ ...entry, file, number: entry.number })
  }
  return { isAnybodyChoosing, tickets: tickets.sort(byTurn) }
}

function byTurn(a: Pick<Ticket, 'number' | 'owner'>, b: Pick<Ticket, 'number' | 'owner'>): number {
  return a.number - b.number || (a.owner < b.owner ? -1 : 1)
}

/** True if `other` comes before the ticket with this number and owner. */
export function isBefore(other: Ticket, number: number, owner: string): boolean {
  return byTurn(other, { number, owner }) < 0
}

function parseName(
  file: string,
): { number: number | undefined; owner: string; identity: ProcessIdentity } | undefined {
  const match = /^(?:choosing|ticket-(\d+))\.(([0-9a-f]+-\d+-\d+)\.\d+)$/.exec(file)
  const identity = match?.[3] === undefined ? undefined : parseIdentity(match[3])
  if (match?.[2] === undefined || identity === undefined) return undefined
  return { number: match[1] === undefined ? undefined : Number(match[1]), owner: match[2], identity }
}

/** Draws the next number; the file says what the process does, for those who wait. */
export function drawTicket(folder: string, owner: string, { command, pid }: LockHolder): number {
  const choosing = join(folder, `${CHOOSING}.${owner}`)
  announce(choosing)
  try {
    const number = Math.max(0, ...readQueue(folder, owner).tickets.map(ticket => ticket.number)) + 1
    try {
      writeFileSync(join(folder, ticketName(number, owner)), `${pid} ${command}`, { flag: 'wx', mode: 0o600 })
    } catch (error) {
      // On a full disk it is there all the same, and would be ours for as long as this process lives.
      returnTicket(folder, number, owner)
      throw error
    }
    return number
  } finally {
    // Only now, when the ticket can be seen: there is no moment at which this process is not in the folder.
    rmSync(choosing, { force: true })
  }
}

/** The folder may go away between making it and using it, when its last user leaves. */
function announce(file: string): void {
  for (;;) {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
    try {
      writeFileSync(file, '', { flag: 'wx', mode: 0o600 })
      return
    } catch (error) {
      if (errnoOf(error) !== 'ENOENT') throw error
    }
  }
}

/** Gives the number back; the last one out takes the folder along. */
export function returnTicket(folder: string, number: number, owner: string): void {
  rmSync(join(folder, ticketName(number, owner)), { force: true })
  try {
    rmdirSync(folder)
  } catch (error) {
    const code = errnoOf(error)
    if (code !== 'ENOTEMPTY' && code !== 'ENOENT' && code !== 'EEXIST') throw error
  }
}

/** Gives back all that a thread of this process had when it ended, in the queues of all projects below a folder. */
export function returnTicketsOfThread(folder: string, thread: number): void {
  const own = `${renderIdentity(ownIdentity())}.`
  for (const queue of entriesOf(folder))
    for (const file of entriesOf(join(folder, queue))) {
      const entry = parseName(file)
      if (!entry?.owner.startsWith(own) || !isNumberOfThread(Number(entry.owner.slice(own.length)), thread))
        continue
      if (entry.number === undefined) rmSync(join(folder, queue, file), { force: true })
      else returnTicket(join(folder, queue), entry.number, entry.owner)
    }
}

function entriesOf(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch (error) {
    if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ENOTDIR') return []
    throw error
  }
}

/** Whose the ticket is; undefined if it has gone in between. */
export function holderOf(folder: string, ticket: Ticket): LockHolder | undefined {
  try {
    const [, pid, command] = /^(?:(\d+) )?(.*)$/s.exec(readFileSync(join(folder, ticket.file), 'utf8')) ?? []
    return { pid: Number(pid ?? ticket.identity.pid), command: command ?? '' }
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined
    throw error
  }
}

function ticketName(number: number, owner: string): string {
  return `${TICKET}-${number}.${owner}`
}
