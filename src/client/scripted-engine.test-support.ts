import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Duplex } from 'node:stream'
import { buffer } from 'node:stream/consumers'

/** A request as it came. */
export interface Heard {
  readonly method: string
  readonly path: string
  readonly query: Readonly<Record<string, string | readonly string[]>>
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

/** What is answered: a status and a body, JSON unless it is text; nothing keeps the caller waiting. */
export type Script = (heard: Heard) => readonly [status: number, body?: unknown] | undefined

/** An engine that the test plays, on a socket of its own. */
export class ScriptedEngine {
  readonly heard: Heard[] = []
  readonly socketPath: string
  script: Script = () => [200, {}]
  /** What is done with a connection that is to be both ways. */
  upgrade: (socket: Duplex, request: IncomingMessage) => void = socket => void socket.destroy()
  readonly #folder = mkdtempSync(join(tmpdir(), 'tscompose-scripted-'))
  readonly server: Server

  constructor(
    make: (listener: Parameters<typeof createServer>[1]) => Server = listener => createServer(listener),
  ) {
    this.socketPath = join(this.#folder, 'engine.sock')
    this.server = make(async (request, response) => {
      const sent = await buffer(request).catch(() => undefined)
      // Whoever called has gone.
      if (sent === undefined) return
      const heard = heardOf(request, sent.toString('latin1'))
      this.heard.push(heard)
      const answer = this.script(heard)
      if (answer === undefined) return
      const [status, body] = answer
      response.writeHead(status).end(typeof body === 'string' ? body : body && JSON.stringify(body))
    })
    this.server.on('upgrade', (request, socket) => {
      socket.on('error', () => undefined)
      this.heard.push(heardOf(request, ''))
      this.upgrade(socket, request)
    })
  }

  /** Listens at the socket, or at a port of this machine, which it gives. */
  async listen(at: 'socket' | 'port' = 'socket'): Promise<number> {
    if (at === 'socket') this.server.listen(this.socketPath)
    else this.server.listen(0, '127.0.0.1')
    await once(this.server, 'listening')
    const address = this.server.address()
    return typeof address === 'object' && address !== null ? address.port : 0
  }

  /** The last request. */
  get last(): Heard | undefined {
    return this.heard.at(-1)
  }

  close(): void {
    this.server.closeAllConnections()
    this.server.close()
    rmSync(this.#folder, { recursive: true, force: true })
  }
}

function heardOf({ method = '', url = '', headers }: IncomingMessage, body: string): Heard {
  const { pathname, searchParams } = new URL(url, 'http://engine')
  const query: Record<string, string | string[]> = {}
  for (const name of searchParams.keys()) {
    const values = searchParams.getAll(name)
    query[name] = values.length === 1 ? (values[0] ?? '') : values
  }
  return { method, path: decodeURIComponent(pathname), query, headers, body }
}
