import {
  createServer,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  request,
  type Server,
  type ServerResponse,
} from 'node:http'
import type { AddressInfo } from 'node:net'

/** What the proxy does to one answer; nothing of it: the answer passes as it is. */
export interface Chaos {
  /** Answers this status itself, with these headers, and does not ask the registry. */
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  /** Breaks the connection off after so many bytes of the body. */
  readonly cutAfter?: number
  /** Sends so many bytes of the body, and then neither more nor an end. */
  readonly stallAfter?: number
  /** Breaks the connection off after so many bytes of what the client sends. */
  readonly cutUploadAfter?: number
  /** The registry does what it was asked, and the client never hears of it. */
  readonly losesAnswer?: boolean
  /** Flips a bit of the byte at this offset of the body. */
  readonly corruptAt?: number
  /** Sends so many bytes more than the registry's answer has, and announces them. */
  readonly extraBytes?: number
  /** Milliseconds before the answer. */
  readonly delay?: number
  /** The registry is asked as if the client had sent no Range: it answers from the start, with 200. */
  readonly ignoreRange?: boolean
  /** Changes headers of the answer; undefined leaves one out. */
  readonly rewrite?: OutgoingHttpHeaders
}

/** One request as it came. */
export interface Seen {
  readonly method: string
  readonly path: string
  readonly range: string | undefined
  /** How many requests for this method and path came before. */
  readonly before: number
}

/** A proxy on loopback before a registry that is open: cuts, delays, corrupts and lies as the test decides for each request. */
export class ChaosProxy {
  readonly domain: string
  readonly seen: Seen[] = []
  /** Bytes of bodies that went to clients. */
  sent = 0
  readonly #server: Server
  readonly #target: string
  readonly #decide: (request: Seen) => Chaos | undefined

  private constructor(server: Server, target: string, decide: (request: Seen) => Chaos | undefined) {
    this.#server = server
    this.#target = target
    this.#decide = decide
    this.domain = `127.0.0.1:${(server.address() as AddressInfo).port}`
    server.on('request', (incoming, response) => this.#answer(incoming, response))
  }

  /** `target`: the registry's domain, spoken to without TLS. */
  static async start(target: string, decide: (request: Seen) => Chaos | undefined): Promise<ChaosProxy> {
    const server = createServer()
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    return new ChaosProxy(server, target, decide)
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise(resolve => this.#server.close(resolve))
  }

  #answer(incoming: IncomingMessage, response: ServerResponse): void {
    const method = incoming.method ?? 'GET'
    const path = incoming.url ?? '/'
    const before = this.seen.filter(each => each.method === method && each.path === path).length
    const seen: Seen = { method, path, range: incoming.headers.range, before }
    this.seen.push(seen)
    const chaos = this.#decide(seen) ?? {}
    if (chaos.delay === undefined) this.#carryOut(chaos, incoming, response)
    else setTimeout(() => this.#carryOut(chaos, incoming, response), chaos.delay)
  }

  #carryOut(chaos: Chaos, incoming: IncomingMessage, response: ServerResponse): void {
    if (chaos.status === undefined) this.#forward(chaos, incoming, response)
    else {
      incoming.resume()
      response.writeHead(chaos.status, { ...chaos.headers }).end()
    }
  }

  #forward(chaos: Chaos, incoming: IncomingMessage, response: ServerResponse): void {
    const { range, ...headers } = incoming.headers
    const asked = chaos.ignoreRange === true || range === undefined ? headers : { ...headers, range }
    const [host, port] = this.#target.split(':')
    // The registry makes addresses of uploads from Host, which is therefore the proxy's.
    const outgoing = request({ host, port, method: incoming.method, path: incoming.url, headers: asked })
    outgoing.on('response', answer => this.#deliver(chaos, answer, response))
    outgoing.on('error', () => response.destroy())
    response.on('close', () => outgoing.destroy())
    incoming.pipe(outgoing)
    let left = chaos.cutUploadAfter ?? Number.POSITIVE_INFINITY
    incoming.on('data', (chunk: Buffer) => {
      left -= chunk.length
      if (left <= 0) incoming.destroy()
    })
  }

  #deliver(chaos: Chaos, answer: IncomingMessage, response: ServerResponse): void {
    if (chaos.losesAnswer === true) {
      answer.resume()
      response.destroy()
      return
    }
    const extra = chaos.extraBytes ?? 0
    const length = answer.headers['content-length']
    const longer =
      extra > 0 && length !== undefined ? { 'content-length': String(Number(length) + extra) } : {}
    response.writeHead(answer.statusCode ?? 502, { ...answer.headers, ...longer, ...chaos.rewrite })
    const limit = chaos.cutAfter ?? chaos.stallAfter ?? Number.POSITIVE_INFINITY
    let offset = 0
    answer.on('data', (chunk: Buffer) => {
      const part = corrupted(chunk, offset, chaos.corruptAt).subarray(0, Math.max(0, limit - offset))
      offset += chunk.length
      this.sent += part.length
      if (!response.write(part)) {
        answer.pause()
        response.once('drain', () => answer.resume())
      }
      // What was written is to arrive before the connection goes.
      if (offset >= limit && chaos.cutAfter !== undefined) response.write('', () => response.destroy())
    })
    answer.on('end', () => {
      if (chaos.stallAfter === undefined || offset < limit) response.end(Buffer.alloc(extra))
    })
    answer.on('error', () => response.destroy())
  }
}

function corrupted(chunk: Buffer, offset: number, at: number | undefined): Buffer {
  if (at === undefined || at < offset || at >= offset + chunk.length) return chunk
  const copy = Buffer.from(chunk)
  copy[at - offset] = (copy[at - offset] ?? 0) ^ 1
  return copy
}
