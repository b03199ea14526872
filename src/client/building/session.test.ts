import { once } from 'node:events'
import { type ClientHttp2Session, connect } from 'node:http2'
import type { Duplex } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Docker } from '../docker.ts'
import { ScriptedEngine } from '../scripted-engine.test-support.ts'
import { bytesField, readFields } from './wire-format.ts'

const CREDENTIALS = '/moby.filesync.v1.Auth/Credentials'

let engine: ScriptedEngine
let docker: Docker
/** BuildKit's end of the session, once it is open. */
let buildkit: Promise<ClientHttp2Session>
beforeEach(async () => {
  engine = new ScriptedEngine()
  await engine.listen()
  docker = new Docker({ socketPath: engine.socketPath })
  buildkit = new Promise(resolve => {
    engine.upgrade = socket => {
      socket.write('HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n')
      resolve(connect('http://session', { createConnection: () => socket as Duplex }))
    }
  })
})
afterEach(() => {
  docker.modem.destroy()
  engine.close()
})

/** Calls a method of gRPC: its status, and the fields of the message that it answers with. */
async function call(session: ClientHttp2Session, path: string, message: Buffer) {
  const stream = session.request({ ':method': 'POST', ':path': path, te: 'trailers' })
  const statuses: unknown[] = []
  stream.on('response', headers => statuses.push(headers['grpc-status']))
  stream.on('trailers', headers => statuses.push(headers['grpc-status']))
  const prefix = Buffer.alloc(5)
  prefix.writeUInt32BE(message.length, 1)
  stream.end(Buffer.concat([prefix, message]))
  const answer = await buffer(stream)
  const fields = [...readFields(answer.subarray(5))].map(([field, value]) => [field, String(value)])
  return { status: statuses.find(status => status !== undefined), fields }
}

describe('a build with BuildKit', () => {
  it('has a session, by which it asks for credentials while it builds, and which ends with it', async () => {
    const building = docker.buildImage(Buffer.from('tar'), {
      version: '2',
      registryconfig: {
        'reg:5': { username: 'u', password: 'p' },
        'https://index.docker.io/v1/': { identitytoken: 'token' },
      },
    })
    const session = await buildkit
    const progress = await building
    const [opened, built] = engine.heard
    expect(opened).toMatchObject({ method: 'POST', path: '/session', headers: { upgrade: 'h2c' } })
    expect(built?.query).toMatchObject({
      version: '2',
      session: opened?.headers['x-docker-expose-session-uuid'],
    })

    expect(await call(session, CREDENTIALS, bytesField(1, 'reg:5'))).toEqual({
      status: '0',
      fields: [
        [1, 'u'],
        [2, 'p'],
      ],
    })
    const hub = await call(session, CREDENTIALS, bytesField(1, 'registry-1.docker.io'))
    expect(hub.fields).toEqual([
      [1, ''],
      [2, 'token'],
    ])
    expect((await call(session, CREDENTIALS, bytesField(1, 'other'))).fields).toEqual([])
    expect((await call(session, '/grpc.health.v1.Health/Check', Buffer.alloc(0))).fields).toEqual([[1, '1']])
    expect((await call(session, '/moby.filesync.v1.FileSync/DiffCopy', Buffer.alloc(0))).status).toBe('12')

    const ended = once(session, 'close')
    progress.resume()
    await ended
  })

  it('ends its session where the build is refused, and says why there is none', async () => {
    engine.script = () => [400, { message: 'no such frontend' }]
    const building = docker.buildImage(Buffer.from('tar'), { version: '2' })
    // Handled from the first.
    building.catch(() => undefined)
    await once(await buildkit, 'close')
    await expect(building).rejects.toMatchObject({ statusCode: 400 })
    engine.upgrade = socket => {
      socket.end('HTTP/1.1 404 Not Found\r\nContent-Length: 27\r\n\r\n{"message":"page not here"}')
    }
    await expect(docker.buildImage(Buffer.from('tar'), { version: '2' })).rejects.toMatchObject({
      statusCode: 404,
    })
  })
})
