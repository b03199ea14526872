// Who is let in by TCP: on every socket of it the other side may be anybody.
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { type AddressInfo, connect, createConnection, type Socket } from 'node:net'
import { Duplex, Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { type ConnectionOptions, connect as connectTls, type TLSSocket } from 'node:tls'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { program, requires } from '../../test/requires.ts'
import { type Gateway, openGateway } from './gateway.ts'
import type { Dial } from './pass-on.ts'
import { type Authority, makeAuthority } from './testing/certificates.ts'
import type { TlsFiles } from './tls.ts'

/** An engine that answers everything, and counts who got as far as that. */
let engine: Server
let served = 0
const troubles: string[] = []

beforeAll(async () => {
  engine = createServer((_request, response) => {
    served += 1
    response.end('engine')
  })
  engine.on('connection', () => undefined)
  engine.listen(0, '127.0.0.1')
  await once(engine, 'listening')
})
afterAll(() => void engine.close())

async function open(options: {
  tls?: TlsFiles
  loopbackWithoutTls?: boolean
  host?: string
  dial?: Dial
}): Promise<Gateway> {
  const { host = '127.0.0.1', loopbackWithoutTls = false, ...rest } = options
  return openGateway({
    addresses: [{ kind: 'tcp', host, port: 0 }],
    scoped: [],
    inherited: [],
    loopbackWithoutTls,
    dial: async () => {
      const socket = createConnection({
        port: (engine.address() as AddressInfo).port,
        host: '127.0.0.1',
        allowHalfOpen: true,
      })
      await once(socket, 'connect')
      return socket
    },
    onTrouble: trouble => void troubles.push(trouble),
    ...rest,
  })
}

const portOf = ({ listensAt }: Gateway): number => Number(/:(\d+)$/.exec(listensAt[0] ?? '')?.[1])
const REQUEST = 'GET /_ping HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n'

/** Connections at a port that a process has a descriptor of: those have an inode. */
function held(port: number): number {
  const rows = readFileSync('/proc/net/tcp', 'latin1')
    .split('\n')
    .slice(1, -1)
    .map(row => row.trim().split(/\s+/))
  const end = `:${port.toString(16).toUpperCase().padStart(4, '0')}`
  return rows.filter(
    ([, local, , state, , , , , , inode]) => local?.endsWith(end) && state !== LISTEN && inode !== '0',
  ).length
}

/** The state of a socket that listens. */
const LISTEN = '0A'

/** What a client of TLS is told; the reason where it is let down. */
async function ask(port: number, options: ConnectionOptions): Promise<string> {
  const socket: TLSSocket = connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false, ...options })
  try {
    socket.write(REQUEST)
    return await text(socket)
  } catch (error) {
    return `refused: ${(error as { code?: string }).code}`
  } finally {
    socket.destroy()
  }
}

requires(program('openssl')).describe('TCP with TLS', () => {
  let authority: Authority
  let other: Authority
  let gateway: Gateway
  let port: number
  beforeAll(async () => {
    authority = makeAuthority()
    other = makeAuthority()
    gateway = await open({ tls: authority.sign('server', 'serverAuth') })
    port = portOf(gateway)
  })
  afterAll(async () => {
    await gateway.close(0)
    authority.remove()
    other.remove()
  })
  const of = ({ cert, key }: TlsFiles): ConnectionOptions => ({
    cert: readFileSync(cert),
    key: readFileSync(key),
  })

  test('a client with a certificate of the authority is let in', async () => {
    const client = of(authority.sign('client', 'clientAuth'))
    expect(await ask(port, client)).toContain('engine')
    expect(
      await ask(port, { ...client, ca: readFileSync(authority.ca), rejectUnauthorized: true }),
    ).toContain('engine')
    // Names in the hello, and protocols beside HTTP, change nothing.
    expect(
      await ask(port, { ...client, servername: 'elsewhere.example', ALPNProtocols: ['h2', 'http/1.1'] }),
    ).toContain('engine')
  })

  test.each([
    ['without a certificate', () => ({})],
    ['with one of another authority', () => of(other.sign('client', 'clientAuth'))],
    [
      'with one that has expired',
      () =>
        of(
          authority.sign('old', 'clientAuth', '-startdate', '20200101000000Z', '-enddate', '20200102000000Z'),
        ),
    ],
    [
      'with one that is not valid yet',
      () =>
        of(
          authority.sign(
            'young',
            'clientAuth',
            '-startdate',
            '20980101000000Z',
            '-enddate',
            '20990102000000Z',
          ),
        ),
    ],
    ['with one for servers', () => of(authority.sign('wrong', 'serverAuth'))],
    [
      'with the protocol of 2006',
      () =>
        ({
          ...of(authority.sign('v1', 'clientAuth')),
          minVersion: 'TLSv1.1',
          maxVersion: 'TLSv1.1',
        }) as const,
    ],
    [
      'that speaks HTTP/2 alone',
      () => ({ ...of(authority.sign('h2', 'clientAuth')), ALPNProtocols: ['h2'] }),
    ],
  ])('a client %s is not, and nothing of it reaches the engine', async (_, options) => {
    const before = served
    expect(await ask(port, options())).toMatch(/^(?:refused: .+|)$/)
    expect(served).toBe(before)
  })

  test('why a client was not let in is told', async () => {
    troubles.length = 0
    await ask(port, of(other.sign('stranger', 'clientAuth')))
    await expect
      .poll(() => troubles.join())
      .toMatch(/^127\.0\.0\.1 is not let in: its certificate is refused: [A-Z_]+$/)
    await ask(port, {})
    await expect.poll(() => troubles.join()).toMatch(/did not return a certificate/)
  })

  test('plain HTTP gets no answer', async () => {
    const before = served
    const socket = connect(port, '127.0.0.1')
    socket.write(REQUEST)
    expect(await text(socket).catch(() => '')).not.toContain('engine')
    expect(served).toBe(before)
  })

  /** When so many of them have been cut off by the gateway. */
  async function cutOff(all: readonly Socket[], count: number): Promise<void> {
    let ended = 0
    for (const each of all)
      each.resume().once('end', () => {
        ended += 1
      })
    await expect.poll(() => ended, { timeout: 20_000 }).toBeGreaterThanOrEqual(count)
  }

  /** Connections that say nothing, once they all are there. */
  async function strangers(count: number, localAddress: string): Promise<readonly Socket[]> {
    const all = Array.from({ length: count }, () =>
      connect({ port, host: '127.0.0.1', localAddress, allowHalfOpen: true }).on('error', () => undefined),
    )
    await Promise.all(all.map(each => once(each, 'connect')))
    return all
  }

  test('strangers who say nothing keep nobody out: beyond a number of them the oldest is cut off', async () => {
    const client = of(authority.sign('late', 'clientAuth'))
    const silent = await strangers(300, '127.0.0.1')
    expect(await ask(port, client)).toContain('engine')
    await cutOff(silent, 44)
    for (const each of silent) each.destroy()
  })

  test('who takes his time is not cut off for a flood from another address', async () => {
    const client = of(authority.sign('slow', 'clientAuth'))
    const [slow] = await strangers(1, '127.0.0.1')
    const flood = await strangers(300, '127.0.0.2')
    await cutOff(flood, 45)
    expect(await ask(port, { ...client, ...(slow === undefined ? {} : { socket: slow }) })).toContain(
      'engine',
    )
    for (const each of flood) each.destroy()
  })

  test.each([
    ['that is closed', (each: Socket) => void each.destroy()],
    ['whose other end has said all it has to say', (each: Socket) => void each.end()],
    ['that ends within a hello', (each: Socket) => void each.end(Buffer.from('1603010200010001fc03', 'hex'))],
    ['that is reset', (each: Socket) => void each.resetAndDestroy()],
  ])('a connection %s before anybody was let in is freed at once', async (_, leave) => {
    await expect.poll(() => held(port), { timeout: 20_000 }).toBe(0)
    troubles.length = 0
    const silent = await strangers(200, '127.0.0.1')
    await expect.poll(() => held(port), { timeout: 20_000 }).toBe(200)
    for (const each of silent) leave(each.resume())
    await expect.poll(() => held(port), { timeout: 20_000 }).toBe(0)
    // None of them had to wait for the end of its time.
    expect(troubles.join()).not.toMatch(/timeout/i)
  })

  test('who was let in ends its half and hears the answer, also where both came at once', async () => {
    const dial: Dial = async () =>
      Duplex.from(async function* (heard: AsyncIterable<Buffer>) {
        const said = await text(Readable.from(heard))
        yield `heard ${said}`
      })
    const halves = await open({ tls: authority.sign('halves', 'serverAuth'), dial })
    const client = of(authority.sign('half', 'clientAuth'))
    for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
      const wanted = { ...client, maxVersion, rejectUnauthorized: false, allowHalfOpen: true }
      const socket = connectTls({ port: portOf(halves), host: '127.0.0.1', ...wanted })
      socket.end('all of it')
      expect(await text(socket)).toBe('heard all of it')
    }
    await halves.close(0)
  })

  test('files that do not go together are told before anybody is let in', async () => {
    const server = authority.sign('again', 'serverAuth')
    const wrong = { code: 'TLS_FILES' }
    await expect(
      open({ tls: { ...server, key: authority.sign('key', 'serverAuth').key } }),
    ).rejects.toMatchObject(wrong)
    await expect(open({ tls: { ...server, ca: server.key } })).rejects.toMatchObject(wrong)
    await expect(open({ tls: { ...server, cert: '/nowhere.pem' } })).rejects.toMatchObject(wrong)
  })
})

test.each(['127.0.0.1', '0.0.0.0', '::1'])('TCP at %s without TLS is refused', async host => {
  await expect(open({ host })).rejects.toMatchObject({ code: 'TLS_WANTED' })
})

test('where other machines come it is refused also if loopback may do without', async () => {
  await expect(open({ host: '0.0.0.0', loopbackWithoutTls: true })).rejects.toMatchObject({
    code: 'TLS_WANTED',
  })
})

test('on loopback programs are let in without TLS where that was said, and pages in browsers are not', async () => {
  const gateway = await open({ loopbackWithoutTls: true })
  const say = async (...lines: readonly string[]): Promise<string> => {
    const socket = connect(portOf(gateway), '127.0.0.1')
    socket.write(`POST /containers/create HTTP/1.1\r\n${lines.join('\r\n')}\r\nConnection: close\r\n\r\n`)
    return text(socket)
  }
  expect(await say('Host: localhost:2375')).toContain('engine')
  expect(await say('Host: 127.0.0.1:2375')).toContain('engine')
  const before = served
  expect(await say('Host: localhost:2375', 'Origin: https://page.example')).toMatch(/^HTTP\/1.1 403/)
  expect(await say('Host: localhost:2375', 'Sec-Fetch-Site: cross-site')).toMatch(/^HTTP\/1.1 403/)
  expect(await say('Host: rebound.example:2375')).toMatch(/^HTTP\/1.1 403/)
  expect(served).toBe(before)
  await gateway.close(0)
})
