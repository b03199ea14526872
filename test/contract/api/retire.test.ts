import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { createConnection, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { type ApiServer, createApiServer } from '../../../src/api/server/index.ts'
import { holdEngine } from '../../../src/client/index.ts'
import { fakeBackend } from './fake-backend.ts'

let folder: string
let path: string
let server: ApiServer

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tscompose-retire-'))
  path = join(folder, 'engine.sock')
  server = createApiServer(fakeBackend())
  await server.listen({ path })
})
afterEach(async () => {
  await server.close(0)
  rmSync(folder, { recursive: true, force: true })
})

it('a server that nobody needs retires, and leaves no socket', async () => {
  expect(await server.retire()).toBe(true)
  expect(readdirSync(folder)).toEqual([])
})

it('a server whose socket somebody has removed retires too', async () => {
  rmSync(path)
  expect(await server.retire()).toBe(true)
})

it('a client that the kernel has let in before the server saw it is served, and the socket stays', async () => {
  const connected = createConnection(path)
  await once(connected, 'connect')
  // The connection may be in the queue still; either way it must not be cut off.
  expect(await server.retire()).toBe(false)
  expect(await pinged(connected)).toContain('200 OK')
  expect(existsSync(path)).toBe(true)
})

it('a client that connects in the very moment is served', async () => {
  const connected = createConnection(path)
  expect(await server.retire()).toBe(false)
  expect(await pinged(connected)).toContain('200 OK')
})

it('whoever is let in in the very moment can connect again from then on', async () => {
  const connected = createConnection(path)
  const retired = server.retire()
  expect(existsSync(path)).toBe(false)
  while (server.clients === 0) await new Promise(setImmediate)
  expect(existsSync(path)).toBe(true)
  expect(await retired).toBe(false)
  connected.destroy()
})

it('a client that holds the server keeps it, whatever time passes between its calls', async () => {
  const held = await holdEngine(path)
  expect(await server.retire()).toBe(false)
  held?.destroy()
  await vi.waitFor(async () => expect(await server.retire()).toBe(true))
})

it('a server that has got something to do meanwhile stays', async () => {
  expect(await server.retire(() => false)).toBe(false)
  expect(existsSync(path)).toBe(true)
})

it('retires once, however often it is asked', async () => {
  expect(await Promise.all([server.retire(), server.retire()])).toEqual([true, false])
  expect(readdirSync(folder)).toEqual([])
})

const PING = 'GET /_ping HTTP/1.1\r\nHost: x\r\n\r\n'

async function pinged(socket: Socket): Promise<string> {
  socket.write(PING)
  const [answer] = await once(socket, 'data')
  socket.destroy()
  return String(answer)
}
