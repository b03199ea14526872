import { renameSync, rmSync } from 'node:fs'
import { createConnection, createServer } from 'node:net'

/** Who listens in front of an engine and notes what it is asked. */
export interface CountedCalls {
  /** What was asked since it was last taken: method and path, without version and query, in order. */
  take(): readonly string[]
  /** How many connections there were since they were last counted. */
  connections(): number
  /** Puts the engine's socket back. */
  close(): void
}

/** Stands between an engine and its commands, which find the socket at the same place; those that have a connection keep it. */
export async function countCalls(socket: string): Promise<CountedCalls> {
  const behind = `${socket}.behind`
  renameSync(socket, behind)
  const calls: string[] = []
  let connections = 0
  // Who has no more input for a command reads on.
  const server = createServer({ allowHalfOpen: true }, client => {
    connections += 1
    const engine = createConnection({ path: behind, allowHalfOpen: true })
    let begun = ''
    client.on('data', (bytes: Buffer) => {
      const lines = (begun + bytes.toString('latin1')).split('\n')
      begun = lines.pop() ?? ''
      for (const line of lines) {
        const [, method, path] = REQUEST.exec(line) ?? SHARED.exec(line) ?? []
        if (path === undefined) continue
        calls.push(`${method} ${path.replace(/^\/v[\d.]+/, '').replace(/[0-9a-f]{64}/, 'ID')}`)
      }
    })
    client.pipe(engine)
    engine.pipe(client)
    client.on('error', () => engine.destroy())
    engine.on('error', () => client.destroy())
  })
  await new Promise<void>(resolve => server.listen(socket, resolve))
  return {
    take: () => calls.splice(0),
    connections: () => {
      const count = connections
      connections = 0
      return count
    },
    close: () => {
      server.close()
      rmSync(socket, { force: true })
      renameSync(behind, socket)
    },
  }
}

/** The first line of a request (RFC 9112 §3), maybe behind a body, and a call over a connection that many share (`src/api/shared-line.ts`). */
const REQUEST = /(GET|HEAD|POST|PUT|DELETE) (\/[^ ?\r]*)(?:\?[^ \r]*)? HTTP\/1\.1\r$/
const SHARED = /^\[\d+,"(GET|HEAD|POST|PUT|DELETE)","(\/[^"?]*)/
