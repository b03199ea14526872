import { createServer } from 'node:net'
import { expect, test } from 'vitest'
import { listenerPlace, waitingSockets } from './listening.ts'

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
