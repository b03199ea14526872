import type { Duplex } from 'node:stream'
import { ROUTES } from '../api/routes.ts'
import type { Peer } from '../native/peer.ts'
import type { Dial } from './pass-on.ts'
import { readHead } from './read-head.ts'

/** Those of nobody else's machine, who need not be introduced: root's files are root's anyhow. */
const ROOT = 0

/** Milliseconds until a client that says nothing is let go: the engine waits as long for the head of a request. */
const SILENCE = 20_000

/** Resolves when a client has said something, which is still to be read, or has gone: a process that asks who it is would be too many for each that only connects. */
export function spoken(client: Duplex, within: number = SILENCE): Promise<void> {
  return new Promise(resolve => {
    const timer = setTimeout(() => client.destroy(), within)
    const done = (): void => {
      clearTimeout(timer)
      client.off('readable', done).off('close', done)
      resolve()
    }
    client.on('readable', done).on('close', done)
  })
}

/**
 * A connection to the engine on which it knows who the client is, by a first request of ours. An engine that knows no such request, being of
 * an older version, is dialled anew: it serves all the same.
 */
export async function dialFor(peer: Peer | undefined, dial: Dial): Promise<Duplex> {
  const engine = await dial()
  if (peer === undefined || peer.uid === ROOT) return engine
  // What goes wrong with it is its end, and no head then.
  const ignore = (): void => undefined
  engine.on('error', ignore)
  const { method, path } = ROUTES.connectionPeer
  engine.write(
    `${method} ${path}?uid=${peer.uid}&gid=${peer.gid} HTTP/1.1\r\nHost: tscompose\r\nContent-Length: 0\r\n\r\n`,
  )
  const head = await readHead(engine)
  if (head !== undefined && /^HTTP\/1\.1 204 /.test(head.toString('latin1'))) {
    engine.off('error', ignore)
    return engine
  }
  engine.destroy()
  return dial()
}
