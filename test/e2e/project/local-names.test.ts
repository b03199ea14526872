// Names of instances at localhost: who names one there comes to it, and who has the port there keeps it.

import { existsSync, readdirSync, readlinkSync } from 'node:fs'
import { createServer, connect as open, type Server } from 'node:net'
import { join } from 'node:path'
import { connect as openTls } from 'node:tls'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readIfGivenSync } from '../../../src/linux/read-if-there.ts'
import { listenerPlace, waitingSockets } from '../../../src/network/index.ts'
import { eventually } from '../harness/eventually.ts'
import { makeSandbox, type Sandbox } from '../harness/sandbox.ts'

const HTTP = 18_082
const RAW = 18_083

let sandbox: Sandbox

beforeAll(async () => {
  sandbox = makeSandbox()
  await sandbox.busybox()
  await sandbox.hold()
  sandbox.write(
    'compose.yaml',
    `name: shop
services:
  web:
    image: busybox
    stop_grace_period: 0s
    environment: {WHO: "\${COMPOSE_PROJECT_NAME}"}
    command: [sh, -c, 'mkdir /d; echo $$WHO > /d/index.html; nc -ll -p 81 -e sh -c "cat /d/index.html; cat > /dev/null" & exec httpd -f -p 80 -h /d']
    ports: ["${HTTP}:80", "${RAW}:81"]
`,
  )
  await Promise.all(['a', 'b'].map(name => up(name)))
  for (const name of ['a', 'b'])
    await eventually('it serves', async () => (await get(`${name}.shop.localhost`)).includes(`shop-${name}`))
})
afterAll(() => sandbox.close())

async function up(instance: string, ...words: string[]): Promise<string> {
  return (await sandbox.ok('up', '-d', '--instance', instance, ...words)).stderr
}

/** What comes back for these pieces, each sent when the one before has left, until nothing more comes for a moment or the other side ends. */
function said(port: number, pieces: readonly (string | Buffer)[], host = '127.0.0.1'): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = open({ host, port, noDelay: true })
    let text = ''
    const send = ([first, ...rest]: readonly (string | Buffer)[]): void => {
      if (first !== undefined) socket.write(first, () => setImmediate(() => send(rest)))
    }
    socket.on('connect', () => send(pieces))
    socket.setEncoding('latin1').on('data', part => {
      text += part
      if (port === RAW) socket.end()
    })
    socket.on('error', reject).on('close', () => resolve(text))
  })
}

function get(name: string, host?: string): Promise<string> {
  return said(HTTP, [`GET / HTTP/1.1\r\nHos`, `t: ${name}:${HTTP}\r\nConnection: close\r\n\r\n`], host)
}

/** The first message of a client of TLS that wants this name. */
async function clientHello(servername: string): Promise<Buffer> {
  const server = createServer()
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  const first = new Promise<Buffer>(resolve =>
    server.once('connection', socket => socket.on('error', () => undefined).once('data', resolve)),
  )
  const client = openTls({ host: '127.0.0.1', port: address.port, servername }).on('error', () => undefined)
  const bytes = await first
  client.destroy()
  server.close()
  return bytes
}

/** A record of TLS as several, none of which has more than `most` bytes of the message. */
function inRecords(record: Buffer, most: number): Buffer {
  const message = record.subarray(5)
  const parts = Array.from({ length: Math.ceil(message.length / most) }, (_, index) =>
    message.subarray(index * most, (index + 1) * most),
  )
  return Buffer.concat(
    parts.flatMap(part => [record.subarray(0, 3), Buffer.of(part.length >> 8, part.length & 255), part]),
  )
}

async function listenAt(port: number): Promise<Server> {
  const server = createServer(socket => socket.end())
  await new Promise<void>((resolve, reject) =>
    server.once('error', reject).listen(port, '127.0.0.1', () => resolve()),
  )
  return server
}

/** The process that listens at localhost. */
function frontDoor(): number {
  const inode = waitingSockets('tcp').get(listenerPlace('127.0.0.1', HTTP))
  const isIts = (pid: string): boolean =>
    readdirSync(`/proc/${pid}/fd`).some(fd => readlinkSync(`/proc/${pid}/fd/${fd}`) === `socket:[${inode}]`)
  const isNamed = (pid: string): boolean =>
    /^\d+$/.test(pid) && (readIfGivenSync(`/proc/${pid}/comm`) ?? '') === 'tscompose-front\n'
  return Number(readdirSync('/proc').filter(isNamed).find(isIts))
}

async function localhosts(): Promise<Record<string, string>> {
  const { stdout } = await sandbox.ok('ls', '--format', 'json')
  const rows = JSON.parse(stdout) as { readonly Name: string; readonly Localhost?: string }[]
  return Object.fromEntries(rows.map(({ Name, Localhost = '' }) => [Name, Localhost]))
}

test('a request goes to the instance that it names, by either address of localhost', async () => {
  const hosts = ['127.0.0.1', ...(existsSync('/proc/net/if_inet6') ? ['::1'] : [])]
  for (const host of hosts)
    for (const name of ['a', 'b'])
      expect(await get(`${name}.shop.localhost`, host)).toMatch(
        new RegExp(`^HTTP/1.[01] 200[^]*\nshop-${name}\n$`),
      )
  expect(await get('Tenant.B.shop.LOCALHOST.')).toContain('\nshop-b\n')
  expect(await localhosts()).toEqual({ 'shop-a': 'a.shop.localhost', 'shop-b': 'b.shop.localhost' })
})

test('who names none is told which there are, if he means this machine', async () => {
  const told = await get('c.shop.localhost')
  expect(told).toMatch(/^HTTP\/1.1 404 /)
  for (const name of ['a', 'b']) expect(told).toContain(`http://${name}.shop.localhost:${HTTP}/`)
  for (const foreign of ['example.com', 'localhost.example.com', '<b>']) {
    const answer = await get(foreign)
    expect(answer).toMatch(/^HTTP\/1.1 404 /)
    expect(answer).not.toContain('shop')
  }
})

test('so does a client of TLS, however its first message is parted', async () => {
  for (const name of ['a', 'b']) {
    const hello = await clientHello(`${name}.shop.localhost`)
    expect(await said(RAW, [hello])).toBe(`shop-${name}\n`)
    expect(await said(RAW, [hello.subarray(0, 3), hello.subarray(3, 90), hello.subarray(90)])).toBe(
      `shop-${name}\n`,
    )
    for (const most of [1, 100]) expect(await said(RAW, [inRecords(hello, most)])).toBe(`shop-${name}\n`)
  }
  const unrecognized = Buffer.of(21, 3, 3, 0, 2, 2, 112).toString('latin1')
  expect(await said(RAW, [await clientHello('c.shop.localhost')])).toBe(unrecognized)
})

test.each([
  [
    'the target, whatever Host says',
    'GET http://me@A.shop.localhost:1/?http://b.shop.localhost HTTP/1.1\r\nHost: b.shop.localhost',
  ],
  ['Host behind an empty line', '\r\nGET /http://b.shop.localhost HTTP/1.1\r\nHost: a.shop.localhost'],
  [
    'Host behind 16,000 bytes',
    `GET /${'x'.repeat(8300)} HTTP/1.1\r\nCookie: ${'x'.repeat(7700)}\r\nHost: a.shop.localhost`,
  ],
])('a request is for the host that HTTP says: %s', async (_, head) => {
  expect(await said(RAW, [`${head}\r\n\r\n`])).toBe('shop-a\n')
})

test('who says no host in 16 KiB is told so', async () => {
  const long = `GET / HTTP/1.1\r\nCookie: ${'x'.repeat(17_000)}\r\nHost: a.shop.localhost\r\n\r\n`
  expect(await said(HTTP, [long])).toMatch(/^HTTP\/1.1 431 /)
})

test('who goes on saying something may take longer than who is silent', async () => {
  const talker = open({ host: '127.0.0.1', port: RAW, noDelay: true })
  talker.write('GET / HTTP/1.1\r\nX: ')
  const more = setInterval(() => talker.write('x'), 1000)
  const ended = new Promise<string>(resolve => {
    talker.on('error', error => resolve(error.message)).on('close', () => resolve('closed'))
    talker.once('data', data => resolve(String(data)))
  })
  await new Promise(resolve => open({ host: '127.0.0.1', port: RAW }).resume().on('close', resolve))
  clearInterval(more)
  talker.write('\r\nHost: a.shop.localhost\r\n\r\n')
  expect(await ended).toBe('shop-a\n')
  talker.destroy()
})

test.each([
  ['another protocol', 'PING\r\n'],
  ['HTTP/2 without TLS', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
  ['bytes', Buffer.of(0, 0, 0, 8, 4, 0xd2, 0x16, 0x2f)],
])('who says no name that can be seen is let go at once: %s', async (_, bytes) => {
  expect(await said(RAW, [bytes]).catch(error => error.code)).toBeOneOf(['', 'ECONNRESET'])
})

test('names lead on without an engine, and the next one finds who leads', async () => {
  await sandbox.killEngine()
  expect(await get('a.shop.localhost')).toContain('\nshop-a\n')
  expect((await sandbox.run('drift', '--instance', 'a')).status).toBe(0)
  await sandbox.hold()
  expect(await get('b.shop.localhost')).toContain('\nshop-b\n')
})

test('who leads is begun again where he is killed; that he was stopped is told, and put right', async () => {
  const pid = frontDoor()
  process.kill(pid, 'SIGKILL')
  await eventually('it serves', async () => (await get('a.shop.localhost')).includes('shop-a'))
  expect(frontDoor()).not.toBe(pid)
  process.kill(frontDoor(), 'SIGSTOP')
  const drift = await sandbox.run('drift', '--instance', 'a')
  expect([drift.status, drift.stdout]).toEqual([2, expect.stringContaining(`name.a.shop.localhost:${HTTP}`)])
  await up('a')
  expect(await get('a.shop.localhost')).toContain('\nshop-a\n')
})

test('the project itself gets the port at localhost, and gives it back', async () => {
  const at = ['-f', 'loopback.yaml'] as const
  sandbox.write(
    'loopback.yaml',
    `name: shop
services:
  web:
    image: busybox
    stop_grace_period: 0s
    command: [sh, -c, 'mkdir /d; echo plain > /d/index.html; exec httpd -f -p 80 -h /d']
    ports: ["127.0.0.1:${HTTP}:80"]
`,
  )
  expect((await sandbox.run(...at, 'plan', '--detailed-exitcode')).status).toBe(2)
  const servesPlain = (): Promise<boolean> =>
    eventually('it serves', async () => (await get('a.shop.localhost')).includes('\nplain\n'))
  await sandbox.ok(...at, 'up', '-d')
  await servesPlain()
  expect(await localhosts()).toMatchObject({ 'shop-a': `a.shop.localhost (not ${HTTP})` })
  expect((await sandbox.ok('ps', '--instance', 'a')).stdout).toContain(`a.shop.localhost:${HTTP} (does not`)
  expect((await sandbox.run('drift', '--instance', 'a')).status).toBe(0)
  await sandbox.ok(...at, 'stop')
  expect(await get('a.shop.localhost')).toContain('\nshop-a\n')
  await sandbox.ok(...at, 'start')
  await servesPlain()
  await sandbox.ok(...at, 'down')
  expect(await get('a.shop.localhost')).toContain('\nshop-a\n')
})

test('what another program has stays his: the instance comes up, and says so, and has the name when it is free', async () => {
  await sandbox.ok('down', '--instance', 'a')
  await sandbox.ok('down', '--instance', 'b')
  expect(existsSync(join(sandbox.env['TSCOMPOSE_RUN'] ?? '', 'front.sock'))).toBe(false)
  const other = await listenAt(HTTP)
  expect(await up('a')).toMatch(new RegExp(`NAME_SILENT a.shop.localhost does not answer on port ${HTTP}`))
  // And says it again, though there is nothing to do.
  expect(await up('a')).toContain('NAME_SILENT a.shop.localhost')
  expect(await localhosts()).toEqual({ 'shop-a': `a.shop.localhost (not ${HTTP})` })
  expect((await sandbox.run('drift', '--instance', 'a')).status).toBe(0)
  await new Promise(resolve => other.close(resolve))
  const drift = await sandbox.run('drift', '--instance', 'a')
  expect([drift.status, drift.stdout]).toEqual([2, expect.stringContaining(`name.a.shop.localhost:${HTTP}`)])
  await up('a')
  await eventually('it serves', async () => (await get('a.shop.localhost')).includes('shop-a'))
  await sandbox.ok('down', '--instance', 'a')
  await eventually('nobody listens', async () => (await listenAt(HTTP)).close() !== undefined)
})
