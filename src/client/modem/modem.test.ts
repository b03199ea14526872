import { once } from 'node:events'
import { Agent } from 'node:http'
import { buffer, text } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Docker } from '../docker.ts'
import { ScriptedEngine } from '../scripted-engine.test-support.ts'
import { Modem } from './modem.ts'

let engine: ScriptedEngine
let modem: Modem
beforeEach(async () => {
  engine = new ScriptedEngine()
  await engine.listen()
  modem = new Modem({ socketPath: engine.socketPath })
})
afterEach(() => {
  modem.destroy()
  engine.close()
})

type Dialled = { error: unknown; result: unknown }
const dial = (options: Parameters<Modem['dial']>[0]): Promise<Dialled> =>
  new Promise(resolve => modem.dial(options, (error, result) => resolve({ error, result })))

describe('a call by hand', () => {
  it('sends its options as query and body, and judges the answer by the statuses that it is given', async () => {
    engine.script = () => [200, { a: 1 }]
    const call = {
      path: '/x?',
      method: 'POST',
      options: { t: 1, f: { a: ['b'] } },
      statusCodes: { 200: true },
    }
    expect(await dial(call)).toEqual({ error: null, result: { a: 1 } })
    expect(engine.last).toMatchObject({
      path: '/x',
      query: { t: '1', f: '{"a":["b"]}' },
      body: '{"t":1,"f":{"a":["b"]}}',
    })
    expect(engine.last?.headers).toMatchObject({ 'content-type': 'application/json' })
    const { error } = await dial({ ...call, statusCodes: { 200: 'not today' } })
    expect(error).toMatchObject({ statusCode: 200, reason: 'not today', json: { a: 1 } })
  })

  it('has no body for an empty bag, unless it is to have one', async () => {
    const call = { path: '/x', method: 'POST', options: {}, statusCodes: { 200: true } }
    await dial(call)
    expect(engine.last?.body).toBe('')
    await dial({ ...call, allowEmpty: true })
    expect(engine.last?.body).toBe('{}')
  })

  it('gives a stream, or a connection, where that is asked for', async () => {
    engine.script = () => [200, 'text']
    const { result } = await dial({ path: '/x', isStream: true, statusCodes: { 200: true } })
    expect(await text(result as NodeJS.ReadableStream)).toBe('text')
    engine.upgrade = socket => socket.end('HTTP/1.1 101 UPGRADED\r\nUpgrade: h2c\r\n\r\nraw')
    const upgraded = await dial({ path: '/x', method: 'POST', hijack: true, headers: { Upgrade: 'h2c' } })
    expect(engine.last?.headers.upgrade).toBe('h2c')
    expect(await text(upgraded.result as NodeJS.ReadableStream)).toBe('raw')
  })

  it('sends the file at a path, and says when there is none', async () => {
    await dial({ path: '/x', method: 'POST', file: 'package.json', statusCodes: { 200: true } })
    expect(JSON.parse(engine.last?.body ?? '')).toMatchObject({ name: 'tscompose' })
    const { error } = await dial({
      path: '/x',
      method: 'POST',
      file: '/nowhere.tar',
      statusCodes: { 200: true },
    })
    expect(error).toMatchObject({ code: 'ENOENT' })
  })
})

describe('the socket', () => {
  it('may be looked for by a function, which is called once', async () => {
    let calls = 0
    const found = new Docker({
      socketPath: async () => {
        calls += 1
        return engine.socketPath
      },
    })
    await Promise.all([found.ping(), found.ping()])
    expect(calls).toBe(1)
    found.modem.destroy()
  })

  it('is that of the field when it is changed', async () => {
    const docker = new Docker({ socketPath: '/nobody' })
    docker.modem.socketPath = engine.socketPath
    docker.modem.version = 'v1.30'
    await docker.ping()
    expect(engine.last?.path).toBe('/v1.30/_ping')
    docker.modem.destroy()
  })
})

describe('time', () => {
  it.each([{ timeout: 30 }, { connectionTimeout: 30 }])('is limited by %o', async limit => {
    engine.script = () => undefined
    const docker = new Docker({ socketPath: engine.socketPath, ...limit })
    await expect(docker.info()).rejects.toMatchObject({
      code: 'ECONNRESET',
      diagnostics: [{ code: 'ENGINE_TIMEOUT' }],
    })
  })

  it('of an answer that has begun is not that of the connection', async () => {
    engine.script = () => [200, 'late']
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    try {
      const docker = new Docker({ socketPath: engine.socketPath, connectionTimeout: 5_000 })
      const stream = await docker.getEvents()
      vi.advanceTimersByTime(6_000)
      expect(String(await buffer(stream))).toBe('late')
      docker.modem.destroy()
    } finally {
      vi.useRealTimers()
    }
  })

  it('ends by a signal, before the answer and within it', async () => {
    engine.script = () => undefined
    const docker = new Docker({ socketPath: engine.socketPath })
    const abort = new AbortController()
    const waiting = docker.info({ abortSignal: abort.signal })
    setTimeout(() => abort.abort(), 10)
    const want = { name: 'AbortError', code: 'ABORT_ERR', cause: { name: 'AbortError' } }
    await expect(waiting).rejects.toMatchObject(want)
    await expect(docker.info({ abortSignal: abort.signal })).rejects.toMatchObject(want)
    const own = new Docker({ socketPath: engine.socketPath, errors: 'own' })
    await expect(own.info({ abortSignal: AbortSignal.abort('because') })).rejects.toBe('because')

    const later = new AbortController()
    engine.upgrade = socket => socket.write('HTTP/1.1 101 UPGRADED\r\nUpgrade: tcp\r\n\r\n')
    const stream = await docker.getExec('e').start({ hijack: true, abortSignal: later.signal })
    const failed = once(stream, 'error')
    later.abort()
    expect((await failed)[0]).toMatchObject({ code: 'ABORT_ERR' })
  })
})

describe('an agent', () => {
  it('makes the connections of all kinds of calls', async () => {
    const port = await listenAtPort()
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    const docker = new Docker({ host: '127.0.0.1', port, agent })
    engine.script = ({ body, path }) => (path === '/boom' ? [500] : [200, body === '' ? 'OK' : body])
    for (let turn = 0; turn < 3; turn += 1) expect(String(await docker.ping())).toBe('OK')
    expect(Object.values(agent.freeSockets).flat()).toHaveLength(1)
    expect(await text(await docker.loadImage(Buffer.from('tar')))).toBe('tar')
    await expect(docker.getContainer('c').exec({ Cmd: [] })).resolves.toHaveProperty('modem')

    engine.upgrade = socket => {
      socket.write('HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n')
      socket.pipe(socket)
    }
    const stream = await docker.getExec('e').start({ hijack: true, stdin: true })
    stream.end('echo')
    expect(await text(stream)).toBe('echo')

    const abort = new AbortController()
    engine.script = () => undefined
    const waiting = docker.info({ abortSignal: abort.signal })
    setTimeout(() => abort.abort(), 10)
    await expect(waiting).rejects.toMatchObject({ code: 'ABORT_ERR' })
    const late = new Docker({ host: '127.0.0.1', port, agent: new Agent(), timeout: 20 })
    await expect(late.info()).rejects.toMatchObject({ code: 'ECONNRESET' })
    const nobody = new Docker({ host: '127.0.0.1', port: 1, agent })
    await expect(nobody.info()).rejects.toMatchObject({ code: 'ECONNREFUSED' })
    agent.destroy()
  })

  async function listenAtPort(): Promise<number> {
    engine.close()
    engine = new ScriptedEngine()
    return engine.listen('port')
  }
})

it('shows how the engine is reached', () => {
  const shown = new Modem({
    host: '10.0.0.1',
    port: 2376,
    ca: 'a',
    cert: 'b',
    key: 'c',
    timeout: 1,
    headers: { a: 'b' },
  })
  expect(shown).toMatchObject({
    host: '10.0.0.1',
    port: 2376,
    protocol: 'https',
    ca: 'a',
    cert: 'b',
    key: 'c',
    timeout: 1,
  })
  expect(shown.socketPath).toBeUndefined()
  expect(shown.getSocketPath()).toBeUndefined()
  expect(shown.buildQuerystring({ limit: 1, filters: { a: ['b c'] }, t: ['x', 'y'] })).toBe(
    'limit=1&filters=%7B%22a%22%3A%5B%22b%20c%22%5D%7D&t=x&t=y',
  )
})
