import { once } from 'node:events'
import { renameSync, rmSync } from 'node:fs'
import type { Server } from 'node:net'
import { setImmediate } from 'node:timers/promises'
import { errnoOf } from '../../diagnostics/index.ts'

/** Where to listen: a path to bind, or a socket that somebody else has bound (socket activation). */
export type Address = { readonly path: string } | { readonly fd: number }

/** Clients that may wait to be accepted; the kernel allows fewer where `net.core.somaxconn` says so. Beyond it a connect fails. */
const QUEUE = 4096

/**
 * Listens. Whoever may write to the socket is root on this machine, so it is never there with more than mode 0600, not
 * for an instant: the umask is set around the bind, which Node does at once. A file that is in the way is a dead
 * engine's, for the caller holds the engine's lock.
 */
export async function listen(server: Server, address: Address): Promise<void> {
  if ('fd' in address) {
    server.listen({ fd: address.fd, backlog: QUEUE })
  } else {
    for (const path of [address.path, `${address.path}.leaving`]) rmSync(path, { force: true })
    const before = process.umask(0o177)
    try {
      server.listen({ path: address.path, backlog: QUEUE })
    } finally {
      process.umask(before)
    }
  }
  await once(server, 'listening')
}

/** A socket that nobody finds any more. */
export interface HiddenSocket {
  /** Resolves when those who had connected before have been accepted. */
  readonly emptied: Promise<void>
  /** Where it was; once. */
  show(): void
  remove(): void
}

/**
 * Takes the socket at a path out of the way: the kernel lets clients connect before the server knows, and would cut them
 * off when it stops listening.
 */
export function hide(path: string): HiddenSocket {
  const aside = `${path}.leaving`
  let isHidden = renameIfThere(path, aside)
  return {
    emptied: nextTurns(),
    show: () => {
      if (isHidden) renameSync(aside, path)
      isHidden = false
    },
    remove: () => rmSync(aside, { force: true }),
  }
}

/** False where somebody has removed it: then nobody finds it either. */
function renameIfThere(from: string, to: string): boolean {
  try {
    renameSync(from, to)
    return true
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return false
    throw error
  }
}

/** Whoever is in the queue of the socket is accepted in the next turn of the loop; one more for its event. */
async function nextTurns(): Promise<void> {
  for (let turn = 0; turn < 2; turn += 1) await setImmediate()
}
