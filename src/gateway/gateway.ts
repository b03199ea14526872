import { lookup } from 'node:dns/promises'
import { createServer, type Server, type Socket } from 'node:net'
import { failure, messageOf } from '../diagnostics/index.ts'
import { type Peer, peerOf } from '../native/peer.ts'
import type { Address } from './address.ts'
import { type Inherited, pickInherited } from './inherited.ts'
import { dialFor, spoken } from './introduce.ts'
import { type Dial, passOn } from './pass-on.ts'
import type { Scope } from './scope/scope.ts'
import { createScopedServer } from './scope/server.ts'
import { TcpClients } from './tcp-clients.ts'
import type { TlsFiles } from './tls.ts'
import { listenAtPath, listening } from './unix-socket.ts'

export interface GatewayOptions {
  /** Where the whole API is served. */
  readonly addresses: readonly Address[]
  /** Where a part of it is. */
  readonly scoped: readonly { readonly path: string; readonly scope: Scope }[]
  /** Of the service manager. */
  readonly inherited: readonly Inherited[]
  /** The group that may write to sockets at paths; absent: root alone. */
  readonly gid?: number
  /** For all that come by TCP. */
  readonly tls?: TlsFiles
  /** TCP on loopback goes without TLS: every user of this machine is let in. */
  readonly loopbackWithoutTls: boolean
  /** A new connection to the engine. */
  readonly dial: Dial
  /** Told of clients that could not be served, and why. */
  readonly onTrouble: (text: string) => void
}

/** Who listens for others in front of an engine. */
export interface Gateway {
  /** Where, as `DOCKER_HOST` would name it. */
  readonly listensAt: readonly string[]
  /** Accepts nobody any more, and ends all connections within so many milliseconds (1000). */
  close(within?: number): Promise<void>
}

const PORT_TLS = 2376
const PORT_PLAIN = 2375

/** Between two looks whether the clients have gone. */
const POLL = 20

/**
 * Opens every address, or none. Errors: TLS_FILES, TLS_WANTED, LISTEN_FAILED, SOCKETS_INVALID, SOCKET_FOLDER, SOCKET_IN_USE.
 */
export async function openGateway(options: GatewayOptions): Promise<Gateway> {
  const gateway = new OpenGateway(options)
  try {
    for (const { path, scope } of options.scoped) await gateway.openScoped(path, scope)
    for (const address of options.addresses) await gateway.open(address)
    return gateway
  } catch (error) {
    await gateway.close(0)
    throw error
  }
}

class OpenGateway implements Gateway {
  readonly listensAt: string[] = []
  readonly #options: GatewayOptions
  readonly #servers: Server[] = []
  readonly #clients = new Set<Socket>()
  readonly #tcp: TcpClients

  constructor(options: GatewayOptions) {
    this.#options = options
    this.#tcp = new TcpClients({ ...options, onClient: client => this.#passOn(client) })
  }

  async open(address: Address): Promise<void> {
    switch (address.kind) {
      case 'unix':
        await listenAtPath(
          this.#serve(client => this.#passOnLocal(client)),
          address.path,
          this.#options.gid,
        )
        this.listensAt.push(`unix://${address.path}`)
        return
      case 'tcp':
        return this.#openTcp(address.host, address.port)
      case 'inherited':
        for (const socket of pickInherited(this.#options.inherited, address.name)) await this.#take(socket)
    }
  }

  async openScoped(path: string, scope: Scope): Promise<void> {
    const http = createScopedServer(scope, this.#options.dial)
    // It has no socket of its own: connections are handed to it.
    await listenAtPath(
      this.#serve(client => void http.emit('connection', client)),
      path,
      this.#options.gid,
    )
    this.listensAt.push(`unix://${path}`)
  }

  async close(within: number = 1000): Promise<void> {
    for (const server of this.#servers) server.close()
    // Those who are in the middle of something end it; who follows something does so for ever.
    for (const end = performance.now() + within; this.#clients.size > 0 && performance.now() < end; )
      await new Promise(resolve => setTimeout(resolve, POLL))
    for (const client of this.#clients) client.destroy()
  }

  async #openTcp(host: string, port: number | undefined): Promise<void> {
    const address = await addressOf(host)
    const server = this.#serve(this.#tcp.at(address))
    const fallback = this.#options.tls === undefined ? PORT_PLAIN : PORT_TLS
    server.listen({ host: address, port: port ?? fallback })
    await listening(server, `tcp://${host}:${port ?? fallback}`)
    this.#tell(server)
  }

  async #take({ fd, name }: Inherited): Promise<void> {
    // Of which kind it is shows when it is listened on; nobody is let in before that.
    let onClient = (client: Socket): void => void client.destroy()
    const server = this.#serve(client => onClient(client))
    server.listen({ fd })
    await listening(server, `the socket "${name}" of the service manager`)
    const at = server.address()
    onClient =
      at === null || typeof at === 'string' ? client => this.#passOnLocal(client) : this.#tcp.at(at.address)
    this.listensAt.push(`fd://${name}`)
  }

  #tell(server: Server): void {
    const at = server.address()
    if (at === null || typeof at === 'string') return
    this.listensAt.push(`tcp://${at.family === 'IPv6' ? `[${at.address}]` : at.address}:${at.port}`)
  }

  #serve(onClient: (client: Socket) => void): Server {
    const server = createServer({ allowHalfOpen: true }, client => {
      this.#clients.add(client)
      // A reset is one way to go: 'close' follows.
      client.on('error', () => undefined)
      client.once('close', () => this.#clients.delete(client))
      onClient(client)
    })
    this.#servers.push(server)
    return server
  }

  #passOn(client: Socket, dial: Dial = this.#options.dial): void {
    passOn(client, dial).catch(error => this.#options.onTrouble(messageOf(error)))
  }

  /** The engine is told whose such a connection is: files in binds may then be that user's. */
  #passOnLocal(client: Socket): void {
    // Gone already where it cannot be asked: whoever it was, nothing follows.
    const ask = async (): Promise<Peer | undefined> => {
      await spoken(client)
      return client.destroyed ? undefined : await peerOf(client)
    }
    const asked = ask().catch((error: unknown): Peer | undefined => {
      this.#options.onTrouble(`who a client is cannot be asked: ${messageOf(error)}`)
      return undefined
    })
    this.#passOn(client, async () => dialFor(await asked, this.#options.dial))
  }
}

/** What a name means now is what is listened on, so that what was judged is what is opened. */
async function addressOf(host: string): Promise<string> {
  try {
    return (await lookup(host)).address
  } catch (error) {
    throw failure({
      code: 'LISTEN_FAILED',
      kind: 'unavailable',
      summary: `Listen at ${host}: ${messageOf(error)}`,
      cause: error,
    })
  }
}
