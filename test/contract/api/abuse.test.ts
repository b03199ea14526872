// What a client may do wrong, or mean harm by: it is told or cut off, others are served all the while, and nothing of it stays.
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { createConnection, type Socket } from 'node:net'
import { PassThrough, Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { failure } from '../../../src/diagnostics/index.ts'
import { type Harness, openHarness } from './harness.ts'

let harness: Harness
const LIMITS = { head: 400, body: 400 }
/** What is waited for comes at once on a machine that has nothing else to do. */
const LONG = { timeout: 60_000 }
vi.setConfig({ testTimeout: 90_000 })

beforeEach(async () => {
  harness = await openHarness({ limits: LIMITS })
})
afterEach(() => harness.close())

interface Talk {
  readonly socket: Socket
  /** What has come. */
  heard: string
  closed: boolean
}

function talk(...words: readonly (string | Buffer)[]): Talk {
  const socket = createConnection(harness.socketPath)
  const talk: Talk = { socket, heard: '', closed: false }
  socket.on('error', () => undefined)
  socket.on('data', bytes => {
    talk.heard += bytes
  })
  socket.on('close', () => {
    talk.closed = true
  })
  for (const word of words) socket.write(word)
  return talk
}

const statusOf = ({ heard }: Talk): string => /^HTTP\/1\.1 (\d+)/.exec(heard)?.[1] ?? heard
const CREATE = 'POST /containers/create HTTP/1.1\r\nHost: docker\r\n'
const PING = 'GET /_ping HTTP/1.1\r\nHost: docker\r\n\r\n'

/** Ways to stop reading a body. */
const stopping: Readonly<Record<string, (tar: Readable) => Promise<void>>> = {
  'before it has begun': async () => undefined,
  'by a loop that ends': async tar => {
    for await (const _ of tar) break
  },
  'by an iterator that is let go of': async tar => {
    await tar[Symbol.asyncIterator]().next()
  },
}

describe('a body that is not read to its end', () => {
  test.each(Object.keys(stopping))('%s is answered, and its connection ends with the client', async how => {
    harness.backend.run('imageArchives.load', async (tar: unknown) => {
      await stopping[how]?.(tar as Readable)
      return Readable.from([{ stream: 'refused' }])
    })
    const client = talk(`POST /images/load HTTP/1.1\r\nHost: d\r\nContent-Length: ${1 << 30}\r\n\r\n`)
    const piece = Buffer.alloc(1 << 20)
    for (let pieces = 0; pieces < 8; pieces += 1) client.socket.write(piece)
    await vi.waitFor(() => expect(client.heard).toMatch(/^HTTP\S* 200[\s\S]*refused[\s\S]*0\r\n\r\n$/), LONG)
    client.socket.destroy()
    await vi.waitFor(() => expect(harness.server.clients).toBe(0), LONG)
  })
})

describe('an archive that is refused', () => {
  const PUT = 'PUT /containers/x/archive?path=/ HTTP/1.1\r\nHost: d\r\n'

  beforeEach(() => {
    harness.backend.fail(
      'containers.putArchive',
      failure({ code: 'READ_ONLY', kind: 'unauthorized', summary: 'It is read-only' }),
    )
  })

  test('is read first where it is short, so that its client meets no broken pipe', async () => {
    const client = talk(`${PUT}Content-Length: 10\r\n\r\nfirst`)
    await vi.waitFor(() => expect(harness.server.requests).toBe(1), LONG)
    expect(String(await harness.docker.ping())).toBe('OK')
    expect(client.heard).toBe('')
    client.socket.write('after')
    await vi.waitFor(() => expect(statusOf(client)).toBe('401'), LONG)
    client.socket.destroy()
  })

  test.each([
    ['is long', `Content-Length: ${1 << 30}\r\n\r\n${'a'.repeat(300 << 10)}`],
    ['has no end', 'Transfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n'],
  ])('is told so at once or soon where it %s', async (_, body) => {
    const client = talk(`${PUT}${body}`)
    await vi.waitFor(() => expect(statusOf(client)).toBe('401'), LONG)
    client.socket.destroy()
    await vi.waitFor(() => expect(harness.server.clients).toBe(0), LONG)
  })
})

test('a client that goes within an answer is no failure of the engine', async () => {
  const failures: string[] = []
  await harness.close()
  harness = await openHarness({
    onFailure: (failure, request) => failures.push(`${request} ${failure.message}`),
  })
  const tar = new PassThrough()
  harness.backend.answer('imageArchives.save', { tar, onSent: () => undefined })
  const client = talk('GET /images/get?names=a HTTP/1.1\r\nHost: d\r\n\r\n')
  tar.write('first')
  await once(client.socket, 'data')
  client.socket.destroy()
  await once(client.socket, 'close')
  // The write finds nobody before the server has read that the client went.
  tar.write('second')
  await vi.waitFor(() => expect([harness.server.idle, tar.destroyed]).toEqual([true, true]), LONG)
  expect(failures).toEqual([])
})

describe('a request that is none is answered, and its connection closed', () => {
  test.each([
    ['of TLS', '\x16\x03\x01\x02\x00\x01\x00\r\n\r\n', '400'],
    ['of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', '400'],
    [
      'with a length and chunks',
      `${CREATE}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
      '400',
    ],
    ['with two lengths', `${CREATE}Content-Length: 4\r\nContent-Length: 5\r\n\r\n{}  `, '400'],
    ['with a negative length', `${CREATE}Content-Length: -4\r\n\r\n`, '400'],
    ['with a chunk that is none', `${CREATE}Transfer-Encoding: chunked\r\n\r\nZZ\r\n`, '400'],
    ['with lone line feeds', 'GET /_ping HTTP/1.1\nHost: docker\n\n', '400'],
    ['with a head of two megabytes', `${CREATE}X: ${'a'.repeat(2 << 20)}\r\n\r\n`, '431'],
    ['to be a tunnel', 'CONNECT elsewhere:80 HTTP/1.1\r\nHost: docker\r\n\r\n', '404'],
    ['with a method that nobody knows', 'FOO /info HTTP/1.1\r\nHost: docker\r\n\r\n', '404'],
    ['of another version', 'GET /_ping HTTP/9.9\r\nHost: docker\r\n\r\n', '505'],
    ['of HTTP/2 in the form of 1.1', 'GET /_ping HTTP/2.0\r\nHost: docker\r\n\r\n', '505'],
    ['with a coding that nobody knows', `${CREATE}Transfer-Encoding: foo\r\n\r\n`, '501'],
    [
      'with a path that is not plain',
      'GET //x/../_ping?a=b HTTP/1.1\r\nHost: docker\r\nConnection: close\r\n\r\n',
      '301',
    ],
  ])('%s', async (_, text, status) => {
    const client = talk(text)
    await expect.poll(() => client.closed, LONG).toBe(true)
    expect(statusOf(client)).toBe(status)
    if (status === '301') expect(client.heard).toContain('Location: /_ping?a=b\r\n')
    else if (status !== '')
      expect(JSON.parse(client.heard.split('\r\n\r\n')[1] ?? '')).toHaveProperty('message')
    expect(harness.server.requests).toBe(0)
  })
})

describe('slow clients', () => {
  test('that never come to an end of their head are told and cut off, and those who say nothing are cut off', async () => {
    const slow = Array.from({ length: 100 }, () => talk('GET /_ping HTTP/1.1\r\nX: '))
    const silent = Array.from({ length: 100 }, () => talk())
    const trickle = talk('GET /_ping HTTP/1.1\r\n')
    const drip = setInterval(() => trickle.socket.write('X: y\r\n'), 20)
    try {
      await expect.poll(() => harness.server.clients, LONG).toBeGreaterThan(1)
      expect(String(await harness.docker.ping())).toBe('OK')
      const all = [...slow, ...silent, trickle]
      await expect.poll(() => all.every(({ closed }) => closed), LONG).toBe(true)
      expect(new Set(slow.map(statusOf))).toEqual(new Set(['408']))
      expect(new Set(silent.map(({ heard }) => heard))).toEqual(new Set(['']))
    } finally {
      clearInterval(drip)
    }
  })

  test('whose JSON does not come are told', async () => {
    const half = Array.from({ length: 50 }, () => talk(`${CREATE}Content-Length: 1000\r\n\r\n{`))
    await expect.poll(() => half.every(each => each.heard.includes('BODY_TOO_SLOW')), LONG).toBe(true)
    expect(String(await harness.docker.ping())).toBe('OK')
    for (const { socket } of half) socket.destroy()
    await expect.poll(() => harness.server.requests, LONG).toBe(0)
  })

  test('that ask once and wait long for their next request are left alone', async () => {
    const client = talk(PING)
    await expect.poll(() => client.heard, LONG).toContain('OK')
    await sleep(LIMITS.head * 3)
    expect(client.closed).toBe(false)
    client.heard = ''
    client.socket.write(PING)
    await expect.poll(() => client.heard, LONG).toContain('OK')
    client.socket.destroy()
  })
})

/** Resolves when a connection takes more, or has gone. */
async function moved(socket: Socket): Promise<void> {
  const settled = new AbortController()
  const { signal } = settled
  await Promise.race(['drain', 'close'].map(name => once(socket, name, { signal }))).finally(() =>
    settled.abort(),
  )
}

describe('a JSON body of 100 megabytes', () => {
  const LENGTH = 100 << 20
  /** Writes it as fast as it is taken, whatever is answered meanwhile; whether all of it was. */
  async function pour({ socket }: Talk): Promise<boolean> {
    const piece = Buffer.alloc(1 << 20, 'a')
    for (let sent = 0; sent < LENGTH; sent += piece.length) {
      if (socket.destroyed) return false
      if (!socket.write(piece)) await moved(socket)
    }
    return true
  }

  test('is answered, read to its end without being kept, and its connection goes on', async () => {
    const client = talk(`${CREATE}Content-Length: ${LENGTH}\r\n\r\n`)
    const before = process.memoryUsage().rss
    const [whole] = await Promise.all([
      pour(client),
      expect.poll(() => client.heard, LONG).toContain('BODY_TOO_LARGE'),
    ])
    expect([whole, statusOf(client)]).toEqual([true, '400'])
    expect(process.memoryUsage().rss - before).toBeLessThan(80 << 20)
    client.socket.write(PING)
    await expect.poll(() => client.heard, LONG).toContain('OK')
    client.socket.destroy()
  })
})

test('clients that vanish in the middle of anything leave no request and no descriptor', async () => {
  // None of them is to be cut off before all have come.
  await harness.close()
  harness = await openHarness({ limits: { head: 60_000, body: 60_000 } })
  const fds = (): number => readdirSync('/proc/self/fd').length
  expect(String(await harness.docker.ping())).toBe('OK')
  const before = fds()
  const streams = [
    '/events',
    '/containers/x/logs?follow=1&stdout=1',
    '/containers/x/stats',
    '/containers/x/export',
  ]
  const bodies = [
    '/containers/x/wait',
    '/containers/x/attach?stream=1&stdout=1',
    '/containers/create',
    '/build',
  ]
  const requests = [
    ...streams.map(path => `GET ${path} HTTP/1.1\r\nHost: docker\r\n\r\n`),
    ...bodies.map(path => `POST ${path} HTTP/1.1\r\nHost: docker\r\nContent-Length: 99\r\n\r\n{`),
  ]
  const clients = requests.flatMap(request => Array.from({ length: 50 }, () => talk(request)))
  // Who asks to attach to a container that is not there is answered at once, and gone.
  const staying = requests.length - 1
  await expect.poll(() => harness.server.clients, LONG).toBeGreaterThanOrEqual(staying * 50)
  for (const { socket } of clients) socket.destroy()
  await expect.poll(() => [harness.server.requests, fds() <= before], LONG).toEqual([0, true])
})
