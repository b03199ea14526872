import { once } from 'node:events'
import { connect } from 'node:net'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import type { AttachSession } from '../../../src/api/types/index.ts'
import { echoSession, noSuchContainer } from './fake-backend.ts'
import { type Harness, openHarness } from './harness.ts'

let api: Harness
beforeEach(async () => {
  api = await openHarness()
})
afterEach(() => api.close())

const open = (query = 'stream=1&stdin=1&stdout=1&stderr=1'): WebSocket =>
  new WebSocket(`ws+unix:${api.socketPath}:/v1.47/containers/web/attach/ws?${query}`, {
    perMessageDeflate: false,
  })

/** All that comes, to the end. */
async function all(socket: WebSocket): Promise<Buffer> {
  const chunks: Buffer[] = []
  socket.on('message', (bytes: Buffer) => chunks.push(bytes))
  await once(socket, 'close')
  return Buffer.concat(chunks)
}

it('carries a container: output without frames of ours, typing back', async () => {
  const session = echoSession()
  api.backend.answer('containers.attach', session)
  const socket = open()
  const came = all(socket)
  await once(socket, 'open')
  socket.send('typed\n')
  socket.send(Buffer.from([0, 255, 10]))
  socket.on('message', (bytes: Buffer) => {
    if (bytes.at(-2) === 255) session.stdin?.end()
  })
  expect((await came).toString('latin1')).toBe('hello\ncareful\ntyped\n\0\xff\nbye\n')
})

it('closes the session when the client closes', async () => {
  const session = echoSession()
  api.backend.answer('containers.attach', session)
  const socket = open()
  await once(socket, 'message')
  socket.close()
  await once(socket, 'close')
  expect(session.closed()).toBe(true)
})

it('brings a megabyte back to the byte', async () => {
  const part = Buffer.alloc(64 * 1024, 'x')
  const session: AttachSession = {
    tty: true,
    output: (async function* () {
      for (let part64 = 0; part64 < 16; part64++) yield { stream: 'stdout' as const, bytes: part }
    })(),
    close: () => undefined,
  }
  api.backend.answer('containers.attach', session)
  expect((await all(open('stream=1&stdout=1'))).length).toBe(1024 * 1024)
})

it('is refused by a status before the handshake', async () => {
  api.backend.fail('containers.attach', noSuchContainer('web'))
  const [, response] = await once(open(), 'unexpected-response')
  expect(response.statusCode).toBe(404)
})

it.each([
  ['no upgrade', ''],
  ['another upgrade', 'Connection: Upgrade\r\nUpgrade: tcp\r\n'],
  ['no key', 'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n'],
])('refuses a request with %s, and lets go of the container', async (_, headers) => {
  const session = echoSession()
  api.backend.answer('containers.attach', session)
  const socket = connect(api.socketPath)
  socket.write(`GET /containers/web/attach/ws?stream=1 HTTP/1.1\r\nHost: docker\r\n${headers}\r\n`)
  const [answer] = await once(socket, 'data')
  expect(String(answer)).toMatch(/^HTTP\/1\.1 400 /)
  expect(session.closed()).toBe(true)
  socket.destroy()
})
