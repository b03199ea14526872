import { createServer } from 'node:net'
import { expect, test } from 'vitest'
import { listedSockets, listenerPlace, waitingSockets } from './listening.ts'

test('places are written as the kernel lists them', () => {
  expect(listenerPlace('127.0.0.1', 80)).toBe('0100007F:0050')
  expect(listenerPlace('::1', 53)).toBe('00000000000000000000000001000000:0035')
  expect(listenerPlace('0.0.0.0', 18_301)).toBe('00000000:477D')
})

test('a socket that listens is found at its place for as long as it does', async () => {
  const server = createServer()
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  const place = listenerPlace('127.0.0.1', address.port)
  expect(waitingSockets('tcp').get(place)).toMatch(/^\d+$/)
  await new Promise(resolve => server.close(resolve))
  expect(waitingSockets('tcp').has(place)).toBe(false)
})

/** A message of sock_diag(7): struct nlmsghdr, struct inet_diag_msg, an attribute. */
function listed(family: number, address: readonly number[], port: number, inode: number): Buffer {
  const bytes = Buffer.alloc(96)
  bytes.writeUInt32LE(bytes.length, 0)
  bytes.writeUInt16LE(20, 4)
  bytes[16] = family
  bytes.writeUInt16BE(port, 20)
  bytes.set(address, 24)
  bytes.writeUInt32LE(inode, 84)
  bytes.writeUInt16LE(5, 88)
  return bytes
}

test('sockets that the kernel lists at once are told by the same places', () => {
  const end = Buffer.from([20, 0, 0, 0, 3, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])
  const four = Buffer.concat([listed(2, [127, 0, 0, 1], 80, 71), listed(2, [0, 0, 0, 0], 18_301, 72), end])
  const six = Buffer.concat([listed(10, [...Array.from({ length: 15 }, () => 0), 1], 53, 4_000_000_000), end])
  expect([...listedSockets([four, six])]).toEqual([
    [listenerPlace('127.0.0.1', 80), '71'],
    [listenerPlace('0.0.0.0', 18_301), '72'],
    [listenerPlace('::1', 53), '4000000000'],
  ])
})
