import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { createConnection } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
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

describe('a connection that was made already', () => {
  it('carries the first call and those after it', async () => {
    const connected = createConnection(socketPath())
    await once(connected, 'connect')
    const docker = new Docker({ socketPath: socketPath(), connected })
    await docker.ping()
    await docker.ping()
    expect(connections).toBe(1)
  })

  it('carries one of several calls at once, the others make their own', async () => {
    const connected = createConnection(socketPath())
    await once(connected, 'connect')
    const docker = new Docker({ socketPath: socketPath(), connected })
    expect(await Promise.all([docker.ping(), docker.ping(), docker.ping()])).toEqual(['OK', 'OK', 'OK'])
    expect(connections).toBe(3)
    await Promise.all([docker.ping(), docker.ping(), docker.ping()])
    expect(connections).toBe(3)
  })

  it('is made anew when it has been lost', async () => {
    const connected = createConnection(socketPath())
    await once(connected, 'connect')
    connected.destroy()
    expect(await new Docker({ socketPath: socketPath(), connected }).ping()).toBe('OK')
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
    const connected = createConnection(socketPath())
    await once(connected, 'connect')
    server.on('upgrade', (_request, socket) => socket.end('HTTP/1.1 101 UPGRADED\r\n\r\n'))
    server.close()
    const docker = new Docker({ socketPath: socketPath(), connected })
    const stream = await docker.getExec('e').start({ hijack: true, stdin: true })
    stream.resume()
    await once(stream, 'close')
    await expect(docker.ping()).rejects.toMatchObject({ code: 'ENGINE_UNREACHABLE' })
  })
})

async function eventually(holds: () => boolean): Promise<void> {
  for (let turn = 0; turn < 1000 && !holds(); turn += 1) await new Promise(resolve => setTimeout(resolve, 1))
  expect(holds()).toBe(true)
}
