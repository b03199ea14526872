import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { createServer as createNetServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { holdEngine } from './connection/hold.ts'
import { Docker } from './docker.ts'

let folder: string
let server: Server
let connections: number
const socketPath = (): string => join(folder, 'engine.sock')

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tscompose-transport-'))
  connections = 0
  server = createServer((_, answer) => answer.end('OK')).on('connection', () => {
    connections += 1
  })
  server.listen(socketPath())
  await once(server, 'listening')
})
afterEach(() => {
  server.closeAllConnections()
  server.close()
  rmSync(folder, { recursive: true, force: true })
})

describe('an engine that is held', () => {
  it('has answered, and its connection stays until the modem is destroyed; only calls that give it back use it', async () => {
    const held = await holdEngine(socketPath())
    expect(connections).toBe(1)
    const docker = new Docker({ socketPath: socketPath(), held })
    await docker.ping()
    await docker.ping()
    expect(connections).toBe(1)
    const events = await docker.getEvents()
    events.destroy()
    await docker.ping({ abortSignal: AbortSignal.abort() }).catch(() => undefined)
    expect(held?.destroyed).toBe(false)
    await docker.ping()
    expect(connections).toBe(2)
    docker.modem.destroy()
    expect(held?.destroyed).toBe(true)
  })

  it('is none where nobody listens, or whoever does goes away before it answers', async () => {
    expect(await holdEngine(join(folder, 'nothing'))).toBeUndefined()
    const rude = createNetServer(socket => socket.destroy()).listen(join(folder, 'rude'))
    await once(rude, 'listening')
    expect(await holdEngine(join(folder, 'rude'))).toBeUndefined()
    rude.close()
  })
})

describe('an engine that dies in the middle of its answer', () => {
  it('is not to be reached, as one is that dies before', async () => {
    const dying = createNetServer(socket => {
      socket.once('data', () => {
        socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n', () => socket.destroy())
      })
    }).listen(join(folder, 'dying'))
    await once(dying, 'listening')
    const docker = new Docker({ socketPath: join(folder, 'dying'), errors: 'own' })
    const waiting = docker.getContainer('c').wait()
    await expect(waiting).rejects.toMatchObject({
      code: 'ENGINE_UNREACHABLE',
      kind: 'unavailable',
      message: expect.stringContaining('broke off'),
    })
    dying.close()
  })
})

describe('a call that takes its connection away', () => {
  it('has the next one made beside it', async () => {
    server.on('upgrade', (_request, socket) => {
      socket.write('HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n')
      socket.once('data', () => socket.end())
    })
    const docker = new Docker({ socketPath: socketPath() })
    const stream = await docker.getExec('e').start({ hijack: true, stdin: true })
    await eventually(() => connections === 2)
    stream.end('x')
    await docker.ping()
    expect(connections).toBe(2)
    docker.modem.destroy()
  })

  it('does not fail when that one cannot be made', async () => {
    const docker = new Docker({ socketPath: socketPath() })
    await docker.ping()
    server.on('upgrade', (_request, socket) => socket.end('HTTP/1.1 101 UPGRADED\r\n\r\n'))
    rmSync(socketPath())
    const stream = await docker.getExec('e').start({ hijack: true, stdin: true })
    stream.resume()
    await once(stream, 'close')
    await expect(docker.ping()).rejects.toMatchObject({ code: 'ENOENT' })
  })
})

describe('what is sent', () => {
  it('and cannot be read is no fault of the engine', async () => {
    const docker = new Docker({ socketPath: socketPath() })
    async function* broken(): AsyncGenerator<Buffer> {
      yield Buffer.from('x')
      throw Object.assign(new Error('gone'), { code: 'ENOENT' })
    }
    const body = Readable.from(broken(), { objectMode: false })
    await expect(docker.buildImage(body, {})).rejects.toMatchObject({ code: 'ENOENT', message: 'gone' })
  })
})

async function eventually(holds: () => boolean): Promise<void> {
  for (let turn = 0; turn < 1000 && !holds(); turn += 1) await new Promise(resolve => setTimeout(resolve, 1))
  expect(holds()).toBe(true)
}
