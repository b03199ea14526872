import { once } from 'node:events'
import { createConnection, createServer, type Server, type Socket } from 'node:net'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { exchange, type Message, type Outcome } from './exchange.ts'
import type { Wire } from './wire.ts'

let server: Server
let peers: Socket[]
/** What a peer does with its connection. */
let serve: (socket: Socket) => void
let free: Wire[]

beforeEach(async () => {
  peers = []
  free = []
  server = createServer(socket => {
    peers.push(socket.on('error', () => undefined))
    serve(socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
})
afterEach(() => {
  for (const peer of peers) peer.destroy()
  server.close()
})

function call(message: Partial<Message> = {}, timeout?: number): Promise<Outcome> {
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('no address')
  const socket = createConnection(address.port, '127.0.0.1')
  const whole = {
    method: 'GET',
    path: '/',
    headers: { Host: 'x' },
    body: undefined,
    keepOpen: false,
    comesBack: false,
    signal: undefined,
  }
  return exchange(socket, { ...whole, ...message }, { timeout, onFree: each => void free.push(each) })
}

async function answerOf(outcome: Promise<Outcome>) {
  const got = await outcome
  if (got.kind !== 'answer') throw new Error('an upgrade')
  return got
}

/** Answers with this as soon as a request's head has come. */
const reply = (raw: string) => (socket: Socket) => void socket.once('data', () => socket.write(raw))

describe('an exchange', () => {
  it('gives status, fields and body, and the connection back', async () => {
    serve = reply('HTTP/1.1 200 OK\r\nA: b\r\nContent-Length: 2\r\n\r\nhi')
    const { answer } = await answerOf(call())
    expect([answer.statusCode, answer.headers['a'], await text(answer)]).toEqual([200, 'b', 'hi'])
    expect(free).toHaveLength(1)
  })

  it('passes over what is said before the answer', async () => {
    serve = reply(
      'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n',
    )
    const { answer } = await answerOf(call({ method: 'POST' }))
    expect([answer.statusCode, await text(answer)]).toEqual([204, ''])
  })

  it('does not give back a connection that ends with its answer', async () => {
    serve = socket => void socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\n\r\nall of it'))
    expect(await text((await answerOf(call())).answer)).toBe('all of it')
    expect(free).toEqual([])
  })

  it('fails when the connection ends before its answer, and the answer when it ends within', async () => {
    serve = socket => void socket.once('data', () => socket.end())
    await expect(call()).rejects.toThrow('broke off')
    serve = socket =>
      void socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab'))
    await expect(text((await answerOf(call())).answer)).rejects.toThrow('broke off')
    expect(free).toEqual([])
  })

  it('hands on an answer that goes wrong in its first packet before it fails', async () => {
    serve = socket => void socket.end('HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nxx')
    const { answer } = await answerOf(call())
    // As those do who have more to do before they read.
    for (let turn = 0; turn < 10; turn += 1) await Promise.resolve()
    await expect(text(answer)).rejects.toMatchObject({ code: 'ENGINE_PROTOCOL' })
  })

  it('fails at once on a connection that ended before the call', async () => {
    serve = socket => void socket.end()
    const address = server.address()
    const socket = createConnection(
      typeof address === 'object' ? (address?.port ?? 0) : 0,
      '127.0.0.1',
    ).resume()
    await once(socket, 'close')
    const message = {
      method: 'GET',
      path: '/',
      headers: {},
      body: undefined,
      keepOpen: false,
      comesBack: false,
      signal: undefined,
    }
    const call = exchange(socket, message, { timeout: undefined, onFree: each => void free.push(each) })
    await expect(call).rejects.toThrow('broke off')
  })

  it('sends bytes with their length, a stream in chunks, and nothing as nothing', async () => {
    const seen: string[] = []
    serve = socket => {
      let got = ''
      socket.on('data', (bytes: Buffer) => {
        got += bytes.toString()
        if (!/(0\r\n\r\n|hello|: 0\r\n\r\n)$/.test(got)) return
        seen.push(got.slice(got.indexOf('\r\n')))
        socket.write('HTTP/1.1 204 No Content\r\n\r\n')
      })
    }
    const headers = { Host: 'x' }
    await call({ method: 'POST', headers: { ...headers, 'Content-Length': 5 }, body: Buffer.from('hello') })
    await call({ method: 'POST', headers, body: Readable.from([Buffer.from('ab'), Buffer.from('c')]) })
    await call({ method: 'POST', headers })
    expect(seen).toEqual([
      '\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello',
      '\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n',
      '\r\nHost: x\r\nContent-Length: 0\r\n\r\n',
    ])
  })

  it('takes an answer that comes before the request has been sent, and closes the connection', async () => {
    serve = reply('HTTP/1.1 400 Bad Request\r\nContent-Length: 2\r\n\r\nno')
    const endless = new Readable({ read() {} })
    endless.push('beginning')
    const { answer } = await answerOf(call({ method: 'POST', body: endless }))
    expect([answer.statusCode, await text(answer)]).toEqual([400, 'no'])
    expect(free).toEqual([])
    expect(endless.destroyed).toBe(true)
  })

  it('ends what it sends when its connection or its caller ends it', async () => {
    serve = socket => void socket.once('data', () => socket.end())
    const [first, second] = [new Readable({ read() {} }), new Readable({ read() {} })]
    first.push('beginning')
    await expect(call({ method: 'POST', body: first })).rejects.toThrow('broke off')
    const signal = AbortSignal.abort(new Error('enough'))
    await expect(call({ method: 'POST', body: second, signal })).rejects.toThrow('enough')
    expect([first.destroyed, second.destroyed]).toEqual([true, true])
  })

  it('leaves a request open to be written while its answer is read', async () => {
    serve = socket => {
      socket.once('data', () => socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n'))
      socket.on('data', (bytes: Buffer) => {
        if (bytes.includes('ping')) socket.write('4\r\npong\r\n0\r\n\r\n')
      })
    }
    const { answer, requestBody } = await answerOf(call({ method: 'POST', keepOpen: true }))
    requestBody?.write('ping')
    expect(await text(answer)).toBe('pong')
  })

  it('hands an upgraded connection over with what has come already', async () => {
    serve = socket => {
      socket.once('data', () => {
        socket.write('HTTP/1.1 101 UPGRADED\r\nUpgrade: tcp\r\n\r\nfirst')
        socket.on('data', (bytes: Buffer) => socket.end(bytes))
      })
    }
    const got = await call()
    if (got.kind !== 'upgrade') throw new Error('an answer')
    got.socket.write(' second')
    expect(await text(got.socket)).toBe('first second')
  })

  it('waits while the reader of an answer is full, and loses nothing', async () => {
    const size = 8 << 20
    serve = socket => {
      socket.once('data', () => {
        socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${size}\r\n\r\n`)
        socket.write(Buffer.alloc(size, 'x'))
      })
    }
    const { answer } = await answerOf(call())
    await once(answer, 'readable')
    expect(answer.readableLength).toBeLessThan(1 << 20)
    expect((await text(answer)).length).toBe(size)
    expect(free).toHaveLength(1)
  })

  it('ends with the reason of its signal, before the answer and within it', async () => {
    serve = reply('')
    const early = new AbortController()
    const waiting = call({ signal: early.signal })
    early.abort(new Error('enough'))
    await expect(waiting).rejects.toThrow('enough')
    serve = reply('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab')
    const late = new AbortController()
    const { answer } = await answerOf(call({ signal: late.signal }))
    late.abort(new Error('enough'))
    await expect(text(answer)).rejects.toThrow('enough')
    await expect(call({ signal: late.signal })).rejects.toThrow('enough')
  })

  it('is given up after a time without a byte', async () => {
    serve = reply('')
    await expect(call({}, 20)).rejects.toThrow(expect.objectContaining({ code: 'ENGINE_TIMEOUT' }))
  })

  it('drops the connection when nobody wants the rest of an answer', async () => {
    serve = reply('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n')
    const { answer } = await answerOf(call())
    const [peer] = peers
    answer.destroy()
    if (peer) await once(peer, 'close')
    expect(free).toEqual([])
  })
})
