import { renameSync, rmSync } from 'node:fs'
import { createConnection, createServer } from 'node:net'

/** Who listens in front of an engine and notes what it is asked. */
export interface CountedCalls {
  /** What was asked since it was last taken: method and path, without version and query, in order. */
  take(): readonly string[]
  /** Puts the engine's socket back. */
  close(): void
}

/** Stands between an engine and its commands, which find the socket at the same place; those that have a connection keep it. */
export async function countCalls(socket: string): Promise<CountedCalls> {
  const behind = `${socket}.behind`
  renameSync(socket, behind)
  const calls: string[] = []
  const server = createServer(client => {
    const engine = createConnection(behind)
    client.on('data', (bytes: Buffer) => {
      for (const [, method, path] of bytes.toString('latin1').matchAll(REQUEST))
        calls.push(`${method} ${path?.replace(/^\/v[\d.]+/, '').replace(/[0-9a-f]{64}/, 'ID')}`)
    })
    client.pipe(engine)
    engine.pipe(client)
    client.on('error', () => engine.destroy())
    engine.on('error', () => client.destroy())
  })
  await new Promise<void>(resolve => server.listen(socket, resolve))
  return {
    take: () => calls.splice(0),
    close: () => {
      server.close()
      rmSync(socket, { force: true })
      renameSync(behind, socket)
    },
  }
}

/** The first line of a request (RFC 9112 §3). */
const REQUEST = /(?:^|\n)(GET|HEAD|POST|PUT|DELETE) (\/[^ ?\r\n]*)(?:\?[^ \r\n]*)? HTTP\/1\.1\r/g
