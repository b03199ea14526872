import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { createConnection } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { type ApiServer, createApiServer } from '../../../src/api/server/index.ts'
import { Docker } from '../../../src/client/index.ts'
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

it('a client that the kernel has let in before the server saw it is served, and the socket stays', async () => {
  const connected = createConnection(path)
  await new Promise(resolve => connected.once('connect', resolve))
  const docker = new Docker({ socketPath: path, connected })
  // The connection may be in the queue still; either way it must not be cut off.
  expect(await server.retire()).toBe(false)
  expect(await docker.ping()).toBe('OK')
  expect(existsSync(path)).toBe(true)
  docker.modem.destroy()
})

it('a client that connects in the very moment is served', async () => {
  const connected = createConnection(path)
  const retired = server.retire()
  expect(await retired).toBe(false)
  expect(await new Docker({ socketPath: path, connected }).ping()).toBe('OK')
})
