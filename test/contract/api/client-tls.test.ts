import { readFileSync } from 'node:fs'
import type { Server } from 'node:http'
import { createServer } from 'node:https'
import { dirname, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { Docker } from '../../../src/client/index.ts'
import { ScriptedEngine } from '../../../src/client/scripted-engine.test-support.ts'
import { type Authority, makeAuthority } from '../../../src/gateway/testing/certificates.ts'

let authority: Authority
let engine: ScriptedEngine
let port: number
let own: { readonly ca: string; readonly cert: string; readonly key: string }
beforeAll(async () => {
  authority = makeAuthority()
  const server = authority.sign('server', 'serverAuth')
  const client = authority.sign('client', 'clientAuth')
  const pem = (path: string): string => readFileSync(path, 'utf8')
  own = { ca: pem(client.ca), cert: pem(client.cert), key: pem(client.key) }
  const options = {
    key: pem(server.key),
    cert: pem(server.cert),
    ca: own.ca,
    requestCert: true,
    rejectUnauthorized: true,
  }
  engine = new ScriptedEngine(listener => createServer(options, listener) as unknown as Server)
  engine.script = () => [200, 'OK']
  port = await engine.listen('port')
})
afterAll(() => {
  engine.close()
  authority.remove()
})

describe('an engine behind mutual TLS', () => {
  it('is reached with the three that it takes, and by streams too', async () => {
    const docker = new Docker({ host: '127.0.0.1', port, ...own })
    expect(docker.modem.protocol).toBe('https')
    expect(String(await docker.ping())).toBe('OK')
    engine.upgrade = socket => {
      socket.write('HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n')
      socket.pipe(socket)
    }
    const stream = await docker.getExec('e').start({ hijack: true, stdin: true })
    stream.end('there and back')
    expect(await text(stream)).toBe('there and back')
    docker.modem.destroy()
  })

  it('is reached with those of DOCKER_CERT_PATH', async () => {
    const { writeFileSync } = await import('node:fs')
    const folder = dirname(authority.ca)
    writeFileSync(join(folder, 'cert.pem'), own.cert)
    writeFileSync(join(folder, 'key.pem'), own.key)
    vi.stubEnv('DOCKER_HOST', `tcp://127.0.0.1:${port}`)
    vi.stubEnv('DOCKER_TLS_VERIFY', '1')
    vi.stubEnv('DOCKER_CERT_PATH', folder)
    const docker = new Docker()
    vi.unstubAllEnvs()
    expect(String(await docker.ping())).toBe('OK')
    docker.modem.destroy()
  })

  it('is not trusted without its authority, or where the caller says no', async () => {
    const { cert, key } = own
    const stranger = new Docker({ host: '127.0.0.1', port, protocol: 'https', cert, key })
    await expect(stranger.ping()).rejects.toThrow(/self-signed|unable to/)
    const careful = new Docker({
      host: '127.0.0.1',
      port,
      ...own,
      checkServerIdentity: () => new Error('not that one'),
    })
    await expect(careful.ping()).rejects.toThrow('not that one')
  })

  it('does not let in who shows nothing', async () => {
    const nobody = new Docker({ host: '127.0.0.1', port, protocol: 'https', ca: own.ca })
    await expect(nobody.ping()).rejects.toHaveProperty('message')
  })
})
