import { expect, test } from 'vitest'
import { decodePorts, encodeRoutes, FRONT_HEAD, FRONT_NAME_MAX, FRONT_ROUTE_LENGTH } from './front-wire.ts'

const ROUTE = { name: 'a.shop.localhost', port: 8080, address: '127.70.0.1', listens: true }

test('a route has its place, and one with a name that is too long is left out', () => {
  const bytes = encodeRoutes([{ ...ROUTE, name: 'x'.repeat(FRONT_NAME_MAX) }, ROUTE])
  expect(bytes.length).toBe(FRONT_HEAD + FRONT_ROUTE_LENGTH)
  expect(bytes.readUInt32LE(4)).toBe(1)
  expect([...bytes.subarray(8, 16)]).toEqual([0x90, 0x1f, 1, 16, 127, 70, 0, 1])
  expect(bytes.toString('latin1', 16, 32)).toBe(ROUTE.name)
})

test('what became of ports is read when all of it is there', () => {
  const bytes = Buffer.alloc(16)
  for (const [index, number] of [4711, 1, 8080, 98].entries()) bytes.writeUInt32LE(number, index * 4)
  expect(decodePorts(bytes.subarray(0, 15))).toBeUndefined()
  expect(decodePorts(Buffer.concat([bytes, bytes]))).toEqual({
    pid: 4711,
    ports: [{ number: 8080, errno: 98 }],
    length: 16,
  })
})
