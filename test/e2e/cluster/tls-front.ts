import { readFileSync } from 'node:fs'
import { createConnection, type Socket } from 'node:net'
import { createServer, type Server } from 'node:tls'
import type { TlsFiles } from '../../../src/gateway/tls.ts'

/** TLS in front of an engine's socket, with a certificate of the test's own, and a hand on its connections. */
export class TlsFront {
  readonly #server: Server
  readonly #clients = new Set<Socket>()
  #requests = 0
  #cutAt: { readonly pattern: RegExp; left: number } | undefined

  private constructor(socketPath: string, { cert, key }: TlsFiles) {
    this.#server = createServer({ cert: readFileSync(cert), key: readFileSync(key) }, client => {
      const engine = createConnection(socketPath)
      this.#clients.add(client)
      client.on('error', () => engine.destroy()).on('close', () => engine.destroy())
      engine.on('error', () => client.destroy()).on('close', () => client.destroy())
      client.on('data', (bytes: Buffer) => this.#see(bytes))
      client.pipe(engine).pipe(client)
    })
  }

  static async open(socketPath: string, files: TlsFiles): Promise<TlsFront> {
    const front = new TlsFront(socketPath, files)
    await new Promise<void>(resolve => front.#server.listen(0, '127.0.0.1', resolve))
    return front
  }

  /** As `-H` takes it. */
  get host(): string {
    return `tcp://127.0.0.1:${(this.#server.address() as { port: number }).port}`
  }

  /** Requests that were cut off with it. */
  get requests(): number {
    return this.#requests
  }

  /** Cuts all connections when the request of that number comes that is like this; who comes later is let in. */
  cutAt(pattern: RegExp, number: number): void {
    this.#cutAt = { pattern, left: number }
  }

  /** Ends all connections as a network does that breaks down. */
  cut(): void {
    for (const client of this.#clients) client.destroy()
    this.#clients.clear()
  }

  close(): void {
    this.cut()
    this.#server.close()
  }

  #see(bytes: Buffer): void {
    const cut = this.#cutAt
    if (cut === undefined || !cut.pattern.test(bytes.toString('latin1'))) return
    this.#requests += 1
    cut.left -= 1
    if (cut.left > 0) return
    this.#cutAt = undefined
    this.cut()
  }
}
