import { createHash, randomBytes } from 'node:crypto'
import { link, rm, writeFile } from 'node:fs/promises'
import { setTimeout as wait } from 'node:timers/promises'
import { errnoOf, failure } from '../diagnostics/index.ts'
import { readIfThere } from '../linux/atomic-file.ts'
import { isAlive, ownIdentity, parseIdentity, renderIdentity } from '../linux/process-identity.ts'

const PATIENCE_MS = 10_000
const PAUSE_MS = 20

/**
 * Does what reads a file and writes it anew while no other process of ours does: one of two logins at once would be lost. The lock of a
 * process that is gone does not count. Raises DOCKER_CONFIG_BUSY.
 */
export async function whileLocked<T>(path: string, work: () => Promise<T>): Promise<T> {
  const lock = `${path}.tscompose-lock`
  await acquire(lock)
  try {
    return await work()
  } finally {
    await rm(lock, { force: true })
  }
}

async function acquire(lock: string): Promise<void> {
  const own = `${lock}.${randomBytes(6).toString('hex')}`
  // Linked under its name whole: whoever sees it can read whose it is.
  await writeFile(own, renderIdentity(ownIdentity()), { mode: 0o600, flag: 'wx' })
  try {
    for (const deadline = performance.now() + PATIENCE_MS; ; ) {
      if (await linked(own, lock)) return
      await clearDead(lock, own)
      if (performance.now() > deadline) throw busy(lock)
      await wait(PAUSE_MS * (0.5 + Math.random()))
    }
  } finally {
    await rm(own, { force: true })
  }
}

async function linked(own: string, lock: string): Promise<boolean> {
  try {
    await link(own, lock)
    return true
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') return false
    throw error
  }
}

/**
 * Takes a dead process's lock away, under a lock for that: of two that saw the same dead holder the second would take away the lock of
 * whom the first had let in.
 */
async function clearDead(lock: string, own: string): Promise<void> {
  const text = await readIfThere(lock)
  if (text === undefined || isHeld(text)) return
  const clearing = `${lock}.${createHash('sha256').update(text).digest('hex').slice(0, 12)}`
  if (!(await linked(own, clearing))) return clearDead(clearing, own)
  try {
    if ((await readIfThere(lock)) === text) await rm(lock, { force: true })
  } finally {
    await rm(clearing, { force: true })
  }
}

function isHeld(text: string): boolean {
  const holder = parseIdentity(text)
  return holder !== undefined && isAlive(holder)
}

function busy(lock: string): Error {
  return failure({
    kind: 'conflict',
    code: 'DOCKER_CONFIG_BUSY',
    summary: "another process has Docker's configuration locked",
    hint: `if there is none, remove ${lock}`,
  })
}
