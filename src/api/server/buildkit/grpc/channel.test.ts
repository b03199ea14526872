import { once } from 'node:events'
import { createServer, type Http2Server } from 'node:http2'
import { type AddressInfo, connect } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { codecOf } from '../proto/messages.ts'
import { Channel } from './channel.ts'
import { frame } from './frames.ts'

const MESSAGE = 'BytesMessage'
let server: Http2Server
let channel: Channel

beforeEach(async () => {
  server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const connection = connect((server.address() as AddressInfo).port, '127.0.0.1')
  await once(connection, 'connect')
  channel = new Channel(connection)
})
afterEach(() => {
  channel.close()
  server.close()
})

test('an answer that has come with its end before anybody looks is whole', async () => {
  server.on('stream', stream => {
    stream.respond({ 'content-type': 'application/grpc' }, { waitForTrailers: true })
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }))
    stream.end(frame(codecOf(MESSAGE).encode({ data: Buffer.from('hello') })))
  })
  const call = channel.call('/x/y', [MESSAGE, MESSAGE], {})
  await channel.ask('/x/y', [MESSAGE, MESSAGE], { data: Buffer.alloc(0) })
  const said: string[] = []
  for await (const { data } of call.messages) said.push(Buffer.from(data).toString())
  expect(said).toEqual(['hello'])
})

test('one that ends without a status is no answer', async () => {
  server.on('stream', stream => {
    stream.respond({ 'content-type': 'application/grpc' })
    stream.end()
  })
  await expect(channel.ask('/x/y', [MESSAGE, MESSAGE], { data: Buffer.alloc(0) })).rejects.toMatchObject({
    status: { code: 14 },
  })
})
