// Whose connections are ended where addresses have gone: many are asked for at once, and nobody else's end.
import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { afterEach, beforeEach, expect } from 'vitest'
import { createNative, type RulesConnection } from '../../../src/native/index.ts'
import { requires, root } from '../../requires.ts'
import { eventually } from '../harness/eventually.ts'

const ENDED = ['127.0.78.1', '127.0.78.3', '127.0.78.4']
const KEPT = ['127.0.78.2', '127.0.78.5']
/** More than one question to the kernel has room for. */
const OF_NOBODY = Array.from({ length: 1500 }, (_, at) => `10.255.${at >> 8}.${at & 255}`)

const sockets: Socket[] = []
const server = createServer(socket => void sockets.push(socket.on('error', () => undefined)))
let rules: RulesConnection

const bytesOf = (address: string): Uint8Array => Uint8Array.from(address.split('.').map(Number))

/** A client's connection there; its errors end it, and are no more than that. */
async function clientOf(address: string): Promise<Socket> {
  const { port } = server.address() as { port: number }
  const client = connect({ host: address, port }).on('error', () => undefined)
  sockets.push(client)
  await once(client, 'connect')
  return client
}

const { test } = requires(root)

beforeEach(async () => {
  await once(server.listen(0, '::'), 'listening')
  rules = await createNative().openRules(() => undefined)
})
afterEach(async () => {
  rules.close()
  for (const socket of sockets.splice(0)) socket.destroy()
  await new Promise(resolve => server.close(resolve))
})

test('of connections those to addresses that have gone end, however many these are', {}, async () => {
  const clients = new Map<string, Socket>()
  // Also those that a socket of IPv6 has to an address of IPv4.
  for (const address of [...ENDED, ...KEPT, '::ffff:127.0.78.4', '::ffff:127.0.78.5', '::1'])
    clients.set(address, await clientOf(address))
  const [first = '', ...rest] = ENDED
  const v6 = Uint8Array.from({ length: 16 }, (_, at) => at)
  await rules.endPeers([bytesOf(first), ...OF_NOBODY.map(bytesOf), v6, ...rest.map(bytesOf)])
  const ended = (): string[] => [...clients].filter(([, { destroyed }]) => destroyed).map(([name]) => name)
  await eventually('all of them have ended', () => ended().length >= ENDED.length + 1)
  expect(ended().sort()).toEqual([...ENDED, '::ffff:127.0.78.4'].sort())
})

test('an address of IPv6 that has gone ends its own alone', {}, async () => {
  const [v4, v6] = [await clientOf('127.0.78.1'), await clientOf('::1')]
  await rules.endPeers([Uint8Array.from({ length: 16 }, (_, at) => (at === 15 ? 1 : 0))])
  await eventually('it has ended', () => v6.destroyed)
  expect(v4.destroyed).toBe(false)
})
