import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { parseReference } from '../../oci/reference.ts'
import { RegistryClient } from './client.ts'
import type { RegistrySettings } from './settings/settings.ts'

const BLOB = { digest: 'sha256:2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae', size: 3 }
const closing: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

/** A server on loopback: `127.0.0.1:PORT`. */
async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener)
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  closing.push(() => {
    server.closeAllConnections()
    return new Promise(resolve => server.close(resolve))
  })
  return `127.0.0.1:${(server.address() as AddressInfo).port}`
}

function settings(mirrors: readonly string[] = [], env: RegistrySettings['env'] = {}): RegistrySettings {
  const daemon = { mirrors, isInsecure: () => true }
  return { daemon, rules: [], certificatesOf: async () => undefined, env }
}

interface Asking {
  readonly pauses?: number[]
  readonly mirrors?: readonly string[]
  readonly env?: RegistrySettings['env']
  readonly signal?: AbortSignal
}

function client({ pauses = [], mirrors, env, signal }: Asking = {}): RegistryClient {
  return new RegistryClient({
    credentials: async () => ({ username: 'user', password: 'secret' }),
    settings: settings(mirrors, env),
    patience: {
      attempts: 4,
      wait: async milliseconds => {
        signal?.throwIfAborted()
        pauses.push(milliseconds)
      },
    },
    ...(signal === undefined ? {} : { signal }),
  })
}

/** Answers a status a number of times, and then the blob. */
function failing(
  times: number,
  fail: (request: IncomingMessage, response: ServerResponse) => void,
): RequestListener {
  let left = times
  return (request, response) => {
    left -= 1
    if (left >= 0) fail(request, response)
    else response.writeHead(200).end('foo')
  }
}

const read = async (asking: RegistryClient, name: string): Promise<string> =>
  Buffer.from(await asking.blob(parseReference(name), BLOB, 100)).toString()

describe('a busy registry', () => {
  test.each([429, 500, 502, 503, 504])('%i is asked again', async status => {
    const host = await serve(failing(2, (_, response) => response.writeHead(status).end()))
    const pauses: number[] = []
    expect(await read(client({ pauses }), `${host}/a`)).toBe('foo')
    expect(pauses).toHaveLength(2)
  })

  test('Retry-After is waited for', async () => {
    const host = await serve(
      failing(1, (_, response) => response.writeHead(429, { 'retry-after': '7' }).end()),
    )
    const pauses: number[] = []
    await read(client({ pauses }), `${host}/a`)
    expect(pauses[0]).toBeGreaterThanOrEqual(7000)
  })

  test('the last word says what it answers and how often it was asked', async () => {
    let asked = 0
    const host = await serve((_, response) => {
      asked += 1
      response.writeHead(503).end()
    })
    await expect(read(client(), `${host}/a`)).rejects.toMatchObject({ code: 'REGISTRY_BUSY' })
    expect(asked).toBe(4)
  })

  test('hours are not waited for', async () => {
    const host = await serve((_, response) => response.writeHead(429, { 'retry-after': '21600' }).end())
    const pauses: number[] = []
    await expect(read(client({ pauses }), `${host}/a`)).rejects.toMatchObject({
      code: 'REGISTRY_BUSY',
      diagnostics: [{ hint: expect.stringContaining('login'), detail: expect.stringContaining('21600') }],
    })
    expect(pauses).toEqual([])
  })

  test('a connection that breaks before an answer is made again', async () => {
    const host = await serve(failing(1, request => request.socket.destroy()))
    expect(await read(client(), `${host}/a`)).toBe('foo')
  })

  test('whoever gives up waits no longer', async () => {
    const abort = new AbortController()
    const host = await serve((_, response) => {
      abort.abort(new Error('enough'))
      response.writeHead(503).end()
    })
    await expect(read(client({ signal: abort.signal }), `${host}/a`)).rejects.toThrow('enough')
  })

  test('nor for a body that does not go on', async () => {
    const abort = new AbortController()
    const host = await serve((_, response) => {
      response.writeHead(200, { 'content-length': 3 }).write('f', () => abort.abort(new Error('enough')))
    })
    await expect(read(client({ signal: abort.signal }), `${host}/a`)).rejects.toThrow('enough')
  })
})

describe('redirects', () => {
  test('another server gets the request without who we are, the same one with it', async () => {
    const seen: (string | undefined)[] = []
    const store = await serve((request, response) => {
      seen.push(request.headers.authorization)
      response.writeHead(200).end('foo')
    })
    const host = await serve((request, response) => {
      if (request.headers.authorization === undefined)
        response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end()
      else if (request.url?.endsWith('?again')) {
        seen.push(request.headers.authorization)
        response.writeHead(307, { location: `http://${store}/bytes` }).end()
      } else response.writeHead(307, { location: `${request.url}?again` }).end()
    })
    expect(await read(client(), `${host}/a`)).toBe('foo')
    expect(seen).toEqual([expect.stringContaining('Basic '), undefined])
  })

  test('a circle of them ends', async () => {
    const host = await serve((request, response) => response.writeHead(302, { location: request.url }).end())
    await expect(read(client(), `${host}/a`)).rejects.toMatchObject({ code: 'REGISTRY_ANSWER' })
  })
})

describe('mirrors', () => {
  test('one that has it is asked alone, after one that is down and one that is busy', async () => {
    const down = await serve((_, response) => response.end())
    await closing.pop()?.()
    const busy = await serve((_, response) => response.writeHead(503).end())
    const asked: string[] = []
    const good = await serve((request, response) => {
      asked.push(request.url ?? '')
      response.writeHead(200).end('foo')
    })
    const mirrors = [down, busy, good].map(host => `http://${host}`)
    const pauses: number[] = []
    expect(await read(client({ mirrors, pauses }), 'team/app')).toBe('foo')
    expect(asked).toEqual([`/v2/team/app/blobs/${BLOB.digest}`])
    expect(pauses).toEqual([])
  })
})

describe('tokens', () => {
  test('one that expires is asked for once, whoever else is refused', async () => {
    let [token, given] = [0, 0]
    const scopes: string[] = []
    const host: string = await serve((request, response) => {
      const url = new URL(request.url ?? '/', 'http://x')
      if (url.pathname === '/token') {
        given += 1
        scopes.push(...url.searchParams.getAll('scope'))
        response.end(JSON.stringify({ token: String(token) }))
      } else if (request.headers.authorization === `Bearer ${token}`) response.writeHead(200).end('foo')
      else
        response
          .writeHead(401, {
            'www-authenticate': `Bearer realm="http://${host}/token",scope="repository:a:pull"`,
          })
          .end()
    })
    const asking = client()
    await read(asking, `${host}/a`)
    token += 1
    await Promise.all([1, 2, 3, 4].map(() => read(asking, `${host}/a`)))
    expect([given, scopes]).toEqual([2, ['repository:a:pull', 'repository:a:pull']])
  })
})

test('a proxy is asked for what is not on this machine', async () => {
  const asked: string[] = []
  const proxy = createServer().on('connect', (request, socket) => {
    asked.push(request.url ?? '')
    socket.end('HTTP/1.1 502 No\r\n\r\n')
  })
  await new Promise<void>(resolve => proxy.listen(0, '127.0.0.1', resolve))
  closing.push(() => new Promise(resolve => proxy.close(resolve)))
  const env = { HTTPS_PROXY: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}` }
  const asking = new RegistryClient({
    credentials: async () => undefined,
    settings: { ...settings([], env), daemon: { mirrors: [], isInsecure: () => false } },
  })
  await expect(read(asking, 'registry.example/a')).rejects.toMatchObject({ code: 'REGISTRY_UNREACHABLE' })
  expect(asked).toEqual(['registry.example:443'])
})
