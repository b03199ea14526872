import type { Duplex } from 'node:stream'
import { ROUTES } from '../api/routes.ts'
import type { Peer } from '../native/peer.ts'
import type { Dial } from './pass-on.ts'
import { readHead } from './read-head.ts'

/** Those of nobody else's machine, who need not be introduced: root's files are root's anyhow. */
const ROOT = 0

/** Milliseconds until a client without a whole head is let go: the engine waits as long for the head of a request. */
const SILENCE = 20_000

/** Bytes of a head that are waited for; what is wrong with more of it the engine says. */
const LIMIT = 64 * 1024

/** What is said of a head that does not come to its end, as the engine says it. */
const refusal = (status: string): string => `HTTP/1.1 ${status}\r\nConnection: close\r\n\r\n`

/**
 * Resolves when a client has sent the whole head of a request, which is still to be read, or has gone: a process that asks who it is would be
 * too many for each that only connects, or begins.
 */
export function spoken(client: Duplex, within: number = SILENCE): Promise<void> {
  return new Promise(resolve => {
    const chunks: Buffer[] = []
    const refuse = (status: string): void => {
      client.end(chunks.length > 0 ? refusal(status) : '', () => client.destroy())
    }
    const timer = setTimeout(refuse, within, '408 Request Timeout')
    const cut = (): void => refuse('400 Bad Request')
    const done = (): void => {
      clearTimeout(timer)
      client.off('readable', read).off('end', cut).off('close', done)
      if (!client.destroyed && chunks.length > 0) client.unshift(Buffer.concat(chunks))
      resolve()
    }
    const next = (): Buffer | null => client.read() as Buffer | null
    const read = (): void => {
      for (let chunk = next(); chunk !== null; chunk = next()) chunks.push(chunk)
      const head = Buffer.concat(chunks)
      if (head.includes('\r\n\r\n') || head.length > LIMIT) done()
    }
    client.on('readable', read).on('end', cut).on('close', done)
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
