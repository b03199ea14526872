import { createServer, type Server } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import type { Duplex } from 'node:stream'

/** A proxy for tunnels, which leads wherever one is asked for to a server of the test, and writes down what it was asked. */
export class ConnectProxy {
  readonly address: string
  /** `HOST:PORT`, one a tunnel. */
  readonly asked: string[] = []
  /** What it was shown of who asks. */
  readonly logins: (string | undefined)[] = []
  readonly #server: Server
  readonly #tunnels = new Set<Duplex>()

  private constructor(server: Server, target: string) {
    this.#server = server
    this.address = `http://user:word@127.0.0.1:${(server.address() as AddressInfo).port}`
    const [host = '', port = ''] = target.split(':')
    server.on('connect', (request, socket, head) => {
      this.#tunnels.add(socket)
      this.asked.push(request.url ?? '')
      this.logins.push(request.headers['proxy-authorization'])
      const upstream = connect(Number(port), host, () => {
        socket.write('HTTP/1.1 200 Connection established\r\n\r\n')
        upstream.write(head)
        upstream.pipe(socket).pipe(upstream)
      })
      upstream.on('error', () => socket.destroy())
      socket.on('error', () => upstream.destroy())
    })
  }

  /** `target`: `HOST:PORT` of the server that all tunnels lead to. */
  static async start(target: string): Promise<ConnectProxy> {
    const server = createServer()
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    return new ConnectProxy(server, target)
  }

  async close(): Promise<void> {
    for (const tunnel of this.#tunnels) tunnel.destroy()
    this.#server.closeAllConnections()
    await new Promise(resolve => this.#server.close(resolve))
  }
}
