import { once } from 'node:events'
import { rmSync } from 'node:fs'
import type { Server } from 'node:net'

/** Where to listen: a path to bind, or a socket that somebody else has bound (socket activation). */
export type Address = { readonly path: string } | { readonly fd: number }

/**
 * Listens. Whoever may write to the socket is root on this machine, so it is never there with more than mode 0600, not
 * for an instant: the umask is set around the bind, which Node does at once. A file that is in the way is a dead
 * engine's, for the caller holds the engine's lock.
 */
export async function listen(server: Server, address: Address): Promise<void> {
  if ('fd' in address) {
    server.listen({ fd: address.fd })
  } else {
    rmSync(address.path, { force: true })
    const before = process.umask(0o177)
    try {
      server.listen({ path: address.path })
    } finally {
      process.umask(before)
    }
  }
  await once(server, 'listening')
}
