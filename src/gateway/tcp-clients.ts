import { BlockList, isIPv6, type Server, type Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { failure, messageOf } from '../diagnostics/index.ts'
import { comesFromBrowser } from './browser.ts'
import { createTls, type TlsFiles } from './tls.ts'

/** Connections that have not shown who they are, of all addresses together; for who comes beyond an older one is cut off. */
const STRANGERS_LIMIT = 256

/** Milliseconds until the kernel asks whether a silent client is still there. */
const KEEPALIVE = 30_000

/** Where it comes from: Node has let go of one whose certificate it has refused, and only the connection beneath knows it then. */
function addressOf(client: TLSSocket): string {
  const { _parent: beneath } = client as TLSSocket & { readonly _parent?: Socket }
  return client.remoteAddress ?? beneath?.remoteAddress ?? 'a client that has gone'
}

export interface TcpOptions {
  /** Wanted of each client, but on loopback where `loopbackWithoutTls` says otherwise. */
  readonly tls?: TlsFiles
  readonly loopbackWithoutTls: boolean
  /** Given those who may do everything. */
  readonly onClient: (client: Socket) => void
  /** Told of those who were not let in. */
  readonly onTrouble: (text: string) => void
}

/** Lets clients in that come by TCP, from machines that anybody may have. */
export class TcpClients {
  readonly #options: TcpOptions
  readonly #tls: Server | undefined
  /** By the addresses of both ends, oldest first: a connection of TLS has those of the one beneath it. */
  readonly #strangers = new Map<string, Socket>()

  /** Errors: TLS_FILES. */
  constructor(options: TcpOptions) {
    this.#options = options
    if (options.tls === undefined) return
    this.#tls = createTls(options.tls, client => {
      this.#strangers.delete(endsOf(client))
      client.allowHalfOpen = true
      options.onClient(client)
    })
    this.#tls.on('tlsClientError', (error: Error, client: TLSSocket) => {
      options.onTrouble(`${addressOf(client)} is not let in: ${reasonOf(error, client)}`)
      client.destroy()
    })
  }

  /** What is done with those who come to an address of this machine. Errors: TLS_WANTED. */
  at(address: string): (client: Socket) => void {
    const tls = this.#tls
    if (tls !== undefined) return client => this.#meet(client, () => shakeHands(tls, client))
    if (!isLoopback(address) || !this.#options.loopbackWithoutTls) throw tlsWanted(address)
    return client => this.#meet(client, () => void this.#letIn(client))
  }

  async #letIn(client: Socket): Promise<void> {
    const isForeign = await comesFromBrowser(client)
    this.#strangers.delete(endsOf(client))
    if (!isForeign) this.#options.onClient(client)
  }

  #meet(client: Socket, ask: () => void): void {
    // Gone already.
    if (client.remoteAddress === undefined) {
      client.destroy()
      return
    }
    if (this.#strangers.size >= STRANGERS_LIMIT) this.#cutOff()
    client.setKeepAlive(true, KEEPALIVE).setNoDelay(true)
    const ends = endsOf(client)
    this.#strangers.set(ends, client)
    client.once('close', () => {
      if (this.#strangers.get(ends) === client) this.#strangers.delete(ends)
    })
    ask()
  }

  /** Cuts off the oldest of the address that has most: a flood from one address displaces itself, and keeps out nobody else. */
  #cutOff(): void {
    const byAddress = new Map<string, [ends: string, client: Socket][]>()
    for (const [ends, client] of this.#strangers) {
      const address = client.remoteAddress ?? ''
      const those = byAddress.get(address)
      if (those === undefined) byAddress.set(address, [[ends, client]])
      else those.push([ends, client])
    }
    const [most = []] = [...byAddress.values()].sort((a, b) => b.length - a.length)
    const [oldest] = most
    if (oldest === undefined) return
    this.#strangers.delete(oldest[0])
    oldest[1].destroy()
  }
}

/** Until a client is let in the end of its half is its end: it is freed at once, and not when the time for the handshake is over. */
function shakeHands(tls: Server, client: Socket): void {
  // TLS takes this over from the connection beneath.
  client.allowHalfOpen = false
  tls.emit('connection', client)
}

/** Node ends a connection whose certificate it refuses without a word, and says why beside it, by OpenSSL's name for it. */
function reasonOf(error: Error, { authorizationError }: TLSSocket): string {
  // Typed as an error, and a text in fact.
  const refused: unknown = authorizationError
  return typeof refused === 'string' ? `its certificate is refused: ${refused}` : messageOf(error)
}

function endsOf({ remoteAddress, remotePort, localAddress, localPort }: Socket): string {
  return [remoteAddress, remotePort, localAddress, localPort].join(' ')
}

const LOOPBACK = new BlockList()
LOOPBACK.addSubnet('127.0.0.0', 8)
LOOPBACK.addAddress('::1', 'ipv6')

/** An address that no other machine reaches. */
function isLoopback(address: string): boolean {
  return LOOPBACK.check(address, isIPv6(address) ? 'ipv6' : 'ipv4')
}

function tlsWanted(address: string): Error {
  return failure({
    code: 'TLS_WANTED',
    kind: 'invalidArgument',
    summary: `Listen at ${address}: who reaches it would be root here, and nothing says who may`,
    hint: `give --tlsverify with --tlscacert, --tlscert and --tlskey${isLoopback(address) ? ', or --loopback-without-tls, with which every user of this machine is let in' : ''}`,
  })
}
