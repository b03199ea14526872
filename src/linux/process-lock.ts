import { linkSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { errnoOf } from '../diagnostics/index.ts'
import { makeFolder } from './make-folder.ts'
import { isAlive, ownIdentity, type ProcessIdentity } from './process-identity.ts'
import { readIfThereSync } from './read-if-there.ts'

/** The right to be the only one of a kind: the engine of one RUN, say. */
export interface ProcessLock {
  /** Whether a dead process held it: it was killed, or its machine stopped, before it could let go. */
  readonly inherited: boolean
  /** Whether it is held still: somebody may have removed the file, and another process made its own. */
  isHeld(): boolean
  release(): void
}

/**
 * Takes the lock file at `path`, or throws what `heldBy` makes of the living process that holds it. Node has no flock(2), so the
 * file names its owner (pid, start time, boot) and a dead owner is succeeded:
 * - link(2) makes the file appear whole and only once;
 * - for one dead owner only one process can link `<path>.after-<owner>`, and only that one replaces the lock;
 * - who dies in the middle of that is a dead owner itself, and is succeeded in turn.
 */
export function acquireLock(path: string, heldBy: (pid: number) => Error): ProcessLock {
  makeFolder(dirname(path), 0o700)
  const self = ownIdentity()
  const temporary = `${path}.${self.pid}.tmp`
  let inherited = false
  try {
    writeFileSync(temporary, `${render(self)}\n`, { mode: 0o600 })
    while (!inherited && !tryLink(temporary, path)) {
      const owner = readOwner(path)
      inherited = owner !== undefined && succeed(owner, path, temporary, heldBy)
    }
  } finally {
    rmSync(temporary, { force: true })
  }
  removeSuccessions(path)
  const isHeld = (): boolean => ownerIs(path, self)
  return {
    inherited,
    isHeld,
    release() {
      if (isHeld()) rmSync(path, { force: true })
    },
  }
}

/** The pid of the living process that holds the lock at `path`, or is about to. */
export function lockHolder(path: string): number | undefined {
  const owner = readOwner(path)
  if (owner === undefined) return undefined
  const heir = lastHeir(owner, path)
  return isAlive(heir) ? heir.pid : undefined
}

/** Replaces the lock of a dead `owner` by ours; false when another was quicker. Throws when somebody lives. */
function succeed(
  owner: ProcessIdentity,
  path: string,
  temporary: string,
  heldBy: (pid: number) => Error,
): boolean {
  const heir = lastHeir(owner, path)
  if (isAlive(heir)) throw heldBy(heir.pid)
  const succession = successionOf(path, heir)
  if (!tryLink(temporary, succession)) return false
  // The lock may have changed hands between reading and linking: then the succession is not ours to claim.
  const now = readOwner(path)
  if (now === undefined || !sameProcess(now, owner)) {
    rmSync(succession, { force: true })
    return false
  }
  renameSync(temporary, path)
  return true
}

function lastHeir(owner: ProcessIdentity, path: string): ProcessIdentity {
  let heir = owner
  for (;;) {
    if (isAlive(heir)) return heir
    const next = readOwner(successionOf(path, heir))
    if (next === undefined) return heir
    heir = next
  }
}

function successionOf(path: string, owner: ProcessIdentity): string {
  return `${path}.after-${owner.pid}-${owner.startTime}-${owner.bootId}`
}

function tryLink(from: string, to: string): boolean {
  try {
    linkSync(from, to)
    return true
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') return false
    throw error
  }
}

/** What a lock file holds: JSON, the start time as text. */
function render({ pid, startTime, bootId }: ProcessIdentity): string {
  return JSON.stringify({ pid, startTime: String(startTime), bootId })
}

function isDecimal(value: unknown): value is string {
  return typeof value === 'string' && /^\d+$/.test(value)
}

/** The owner that a lock file names; an unreadable text is an owner that is long dead. */
function readOwner(path: string): ProcessIdentity | undefined {
  const text = readIfThereSync(path)
  if (text === undefined) return undefined
  try {
    const { pid, startTime, bootId } = JSON.parse(text) as Partial<Record<keyof ProcessIdentity, unknown>>
    if (Number.isInteger(pid) && isDecimal(startTime) && /^[0-9a-f-]{36}$/.test(String(bootId))) {
      return { pid: Number(pid), startTime: BigInt(startTime), bootId: String(bootId) }
    }
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
  }
  return { pid: 0, startTime: 0n, bootId: 'unreadable' }
}

function ownerIs(path: string, identity: ProcessIdentity): boolean {
  const owner = readOwner(path)
  return owner !== undefined && sameProcess(owner, identity)
}

function sameProcess(a: ProcessIdentity, b: ProcessIdentity): boolean {
  return a.pid === b.pid && a.startTime === b.startTime && a.bootId === b.bootId
}

function removeSuccessions(path: string): void {
  const prefix = `${basename(path)}.after-`
  for (const name of readdirSync(dirname(path))) {
    if (name.startsWith(prefix)) rmSync(join(dirname(path), name), { force: true })
  }
}
