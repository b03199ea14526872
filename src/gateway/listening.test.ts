import { once } from 'node:events'
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createConnection, createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { requires, root } from '../../test/requires.ts'
import { parseAddress } from './address.ts'
import { type Gateway, type GatewayOptions, openGateway } from './gateway.ts'
import { inheritedSockets, pickInherited } from './inherited.ts'
import { groupId } from './unix-socket.ts'

describe('an address', () => {
  test('is written as DOCKER_HOST has it', () => {
    expect(parseAddress('unix:///run/x.sock')).toEqual({ kind: 'unix', path: '/run/x.sock' })
    expect(parseAddress('tcp://0.0.0.0:2376')).toEqual({ kind: 'tcp', host: '0.0.0.0', port: 2376 })
    expect(parseAddress('tcp://[::1]')).toEqual({ kind: 'tcp', host: '::1', port: undefined })
    expect(parseAddress('fd://')).toEqual({ kind: 'inherited', name: undefined })
    expect(parseAddress('fd://api')).toEqual({ kind: 'inherited', name: 'api' })
  })

  test('without a host is this machine’s own, and not all of them', () => {
    expect(parseAddress('tcp://:2376')).toMatchObject({ host: 'localhost' })
  })

  test.each([
    '',
    '/run/x.sock',
    'unix://',
    'unix://x.sock',
    `unix:///${'x'.repeat(120)}`,
    'tcp://h:99999',
    'tcp://h:x',
    'tcp://h/path',
    'npipe://x',
    'http://h',
    'ssh://h',
  ])('"%s" is none', address => {
    expect(() => parseAddress(address)).toThrow(expect.objectContaining({ code: 'HOST_INVALID' }))
  })
})

describe('sockets of the service manager', () => {
  const env = { LISTEN_PID: '42', LISTEN_FDS: '3', LISTEN_FDNAMES: 'api:tls:api' }

  test('begin at 3, with their names', () => {
    expect(inheritedSockets(env, 42)).toEqual([
      { fd: 3, name: 'api' },
      { fd: 4, name: 'tls' },
      { fd: 5, name: 'api' },
    ])
    expect(pickInherited(inheritedSockets(env, 42), 'api').map(({ fd }) => fd)).toEqual([3, 5])
    expect(inheritedSockets({ LISTEN_PID: '42', LISTEN_FDS: '1' }, 42)).toEqual([{ fd: 3, name: 'unknown' }])
  })

  test('that were passed to another process are none of ours', () => {
    expect(inheritedSockets(env, 43)).toEqual([])
    expect(inheritedSockets({}, 42)).toEqual([])
  })

  test('that are not there are an error', () => {
    const wrong = expect.objectContaining({ code: 'SOCKETS_INVALID' })
    expect(() => pickInherited([], undefined)).toThrow(wrong)
    expect(() => pickInherited(inheritedSockets(env, 42), 'other')).toThrow(wrong)
    expect(() => inheritedSockets({ ...env, LISTEN_FDS: 'x' }, 42)).toThrow(wrong)
  })
})

describe('a group', () => {
  const database = 'root:x:0:\ndocker:x:998:me\n'
  test('is meant by its name or number', () => {
    expect(groupId('docker', database)).toBe(998)
    expect(groupId('7', database)).toBe(7)
  })

  test.each(['nosuch', '', 'x', 'docker:x'])('"%s" is none', name => {
    expect(() => groupId(name, database)).toThrow(expect.objectContaining({ code: 'SOCKET_GROUP' }))
  })
})

describe('a socket at a path', () => {
  let folder: string
  let engine: Server
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'tscompose-gateway-'))
    // Says back what it has heard when its client ends its half.
    engine = createServer({ allowHalfOpen: true }, socket => void socket.pipe(socket))
    engine.listen(join(folder, 'engine.sock'))
    await once(engine, 'listening')
  })
  afterAll(() => {
    engine.close()
    rmSync(folder, { recursive: true })
  })

  async function open(path: string, more: Partial<GatewayOptions> = {}): Promise<Gateway> {
    return openGateway({
      addresses: [{ kind: 'unix', path }],
      scoped: [],
      inherited: [],
      loopbackWithoutTls: false,
      dial: async () => createConnection({ path: join(folder, 'engine.sock'), allowHalfOpen: true }),
      onTrouble: () => undefined,
      ...more,
    })
  }

  const modeOf = (path: string): string => (lstatSync(path).mode & 0o777).toString(8)

  test('is root’s alone, passes bytes on each way until its half is ended, and goes with the gateway', async () => {
    const path = join(folder, 'a.sock')
    const gateway = await open(path)
    expect([gateway.listensAt, modeOf(path)]).toEqual([[`unix://${path}`], '600'])
    const client = createConnection({ path, allowHalfOpen: true })
    client.end('a head\r\n\r\nand all of it')
    expect(await text(client)).toBe('a head\r\n\r\nand all of it')
    await gateway.close()
    expect(existsSync(path)).toBe(false)
  })

  requires(root).test('is a group’s where one was named', {}, async () => {
    const path = join(folder, 'group.sock')
    const gateway = await open(path, { gid: 54321 })
    expect([modeOf(path), lstatSync(path).gid, process.getegid?.()]).toEqual(['660', 54321, 0])
    await gateway.close()
  })

  test('takes the place of one whose process has ended, and of nothing else', async () => {
    const path = join(folder, 'b.sock')
    const first = await open(path)
    await expect(open(path)).rejects.toMatchObject({ code: 'SOCKET_IN_USE' })
    await first.close()
    const file = join(folder, 'file')
    writeFileSync(file, 'precious')
    await expect(open(file)).rejects.toMatchObject({ code: 'SOCKET_IN_USE' })
    symlinkSync(file, join(folder, 'link'))
    await expect(open(join(folder, 'link'))).rejects.toMatchObject({ code: 'SOCKET_IN_USE' })
  })

  test('is not made where others could put theirs in its place', async () => {
    const shared = join(folder, 'shared')
    mkdirSync(shared)
    chmodSync(shared, 0o777)
    await expect(open(join(shared, 'x.sock'))).rejects.toMatchObject({ code: 'SOCKET_FOLDER' })
    chmodSync(shared, 0o1777)
    await (await open(join(shared, 'x.sock'))).close()
    await expect(open(join(folder, 'nowhere', 'x.sock'))).rejects.toMatchObject({ code: 'SOCKET_FOLDER' })
  })

  test('is not left behind where another address of the same gateway cannot be had', async () => {
    const path = join(folder, 'c.sock')
    const addresses = [parseAddress(`unix://${path}`), parseAddress('tcp://0.0.0.0:0')]
    await expect(open(path, { addresses })).rejects.toMatchObject({ code: 'TLS_WANTED' })
    expect(existsSync(path)).toBe(false)
  })
})
