import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'
import { dirname, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Docker, holdEngine } from '../../../src/client/index.ts'
import { failure } from '../../../src/diagnostics/index.ts'
import { type Harness, openHarness } from './harness.ts'

// Calls that are made side by side over one connection go as they would over one each.

let api: Harness
let docker: Docker
beforeEach(async () => {
  api = await openHarness()
  docker = await held(api.socketPath)
})
afterEach(async () => {
  docker.modem.destroy()
  await api.close()
})

/** A client for which the engine is held: the one that is made for commands. */
async function held(socketPath: string): Promise<Docker> {
  return new Docker({ socketPath, held: await holdEngine(socketPath), errors: 'own' })
}

/** A call on its own connection, and one behind it for which there is none. */
const beside = <T>(call: () => Promise<T>): Promise<T> =>
  Promise.all([docker.ping(), call()]).then(([, answer]) => answer)

describe('calls side by side', () => {
  it('have two connections and the one for which the engine stays, however many they are', async () => {
    const names = Array.from({ length: 40 }, (_value, at) => `c${at}`)
    await Promise.all(names.map(name => docker.createContainer({ name, Image: 'busybox', Env: ['A=ä\n'] })))
    const created = api.backend.calls.filter(({ method }) => method === 'containers.create')
    expect(new Set(created.map(({ args }) => (args[1] as { name: string }).name))).toEqual(new Set(names))
    expect(created[0]?.args[0]).toEqual({ Image: 'busybox', Env: ['A=ä\n'] })
    expect(api.server.clients).toBe(2)
  })

  it('are answered by values, by nothing, and by an exit that is waited for', async () => {
    api.backend.answer('containers.stop', { GraceSkipped: true })
    const web = docker.getContainer('web')
    const answers = await Promise.all([
      docker.ping(),
      docker.createContainer({ Image: 'busybox' }),
      web.stop({ told: true, abortSignal: new AbortController().signal }),
      web.start(),
      web.wait(),
    ])
    expect(answers[1].id).toMatch(/^[0-9a-f]{64}$/)
    expect(answers.slice(2)).toEqual([{ GraceSkipped: true }, Buffer.alloc(0), { StatusCode: 3 }])
    expect(api.server.clients).toBe(2)
  })

  it('have answers of any length, whatever their bytes are cut into', async () => {
    const row = { Id: 'ä'.repeat(1000), Names: ['/web'] }
    api.backend.answer('containers.list', Array(4000).fill(row))
    const lists = await Promise.all(Array.from({ length: 3 }, () => docker.listContainers()))
    expect(lists.map(({ length }) => length)).toEqual([4000, 4000, 4000])
    expect(lists.flat().every(({ Id }) => Id === row.Id)).toBe(true)
    expect(api.server.clients).toBe(2)
  })

  it('each have a connection where the client holds none', async () => {
    docker.modem.destroy()
    await Promise.all(Array.from({ length: 3 }, () => api.docker.getContainer('web').start()))
    expect(api.server.clients).toBe(3)
  })

  it('that want one of their own have it', async () => {
    const web = docker.getContainer('web')
    const [, archive] = await Promise.all([web.start(), web.getArchive({ path: '/etc' }), web.start()])
    expect(await text(archive)).not.toBe('')
    expect((await beside(() => docker.ping())).toString()).toBe('OK')
  })
})

describe('failures', () => {
  it('are what they are over a connection of its own', async () => {
    const problem = { code: 'NO_ROOM', kind: 'conflict', summary: 'no room', hint: 'make some' } as const
    api.backend.fail('containers.start', failure(problem))
    const alone = await docker
      .getContainer('web')
      .start()
      .catch((error: unknown) => error)
    const shared = await beside(() => docker.getContainer('web').start()).catch((error: unknown) => error)
    expect(shared).toMatchObject({ code: 'NO_ROOM', kind: 'conflict', statusCode: 409 })
    expect(shared).toEqual(alone)
  })

  it('are not modified without a body, and not decoded where the body is none', async () => {
    api.backend.fail('containers.start', failure({ code: 'RUNNING', kind: 'notModified', summary: 'runs' }))
    await expect(beside(() => docker.getContainer('web').start())).rejects.toMatchObject({ statusCode: 304 })
    await expect(
      beside(() =>
        docker.createContainer({ Image: 'busybox', HostConfig: { Memory: 'x' as unknown as number } }),
      ),
    ).rejects.toMatchObject({ statusCode: 400 })
    await expect(beside(() => docker.getContainer('gone').inspect())).rejects.toMatchObject({
      statusCode: 404,
    })
  })
})

describe('a caller that goes', () => {
  it('ends its own call alone, and the backend hears of it', async () => {
    let exit: (status: { StatusCode: number }) => void = () => undefined
    const result = new Promise<{ StatusCode: number }>(resolve => {
      exit = resolve
    })
    api.backend.answer('containers.wait', { result })
    const leaving = new AbortController()
    const web = docker.getContainer('web')
    const stays = beside(() => web.wait())
    const goes = web.wait({ abortSignal: leaving.signal })
    await expect.poll(() => api.backend.signals.length).toBe(2)
    leaving.abort(new Error('enough'))
    await expect(goes).rejects.toThrow('enough')
    await expect.poll(() => api.backend.signals.map(({ aborted }) => aborted)).toEqual([false, true])
    exit({ StatusCode: 5 })
    expect(await stays).toEqual({ StatusCode: 5 })
  })

  it('ends them all with its connection', async () => {
    api.backend.answer('containers.wait', { result: new Promise(() => undefined) })
    const web = docker.getContainer('web')
    const calls = [docker.ping(), web.wait(), web.wait()].map(call => call.catch(() => undefined))
    await expect.poll(() => api.backend.signals.length).toBe(2)
    expect(api.server.requests).toBe(2)
    await api.server.close(0)
    await Promise.all(calls)
    await expect.poll(() => api.backend.signals.map(({ aborted }) => aborted)).toEqual([true, true])
  })
})

describe('a connection for many', () => {
  it('does not keep the server from being idle once its client has gone, nor count as a request', async () => {
    await beside(() => docker.getContainer('web').start())
    expect(api.server.requests).toBe(0)
    docker.modem.destroy()
    await expect.poll(() => api.server.idle).toBe(true)
  })

  it.each([
    ['another protocol', 'GET / HTTP/1.1\r\n\r\n'],
    ['nothing', '[]\n'],
    ['a number that is none', '["1","GET","/_ping"]\n'],
    ['a call of nothing', '[1,"GET"]\n'],
    ['a line without end', `[1,"${'x'.repeat(5_000_000)}`],
  ])('is closed where %s comes over it', async (_, garbage) => {
    const socket = (await holdEngine(api.socketPath)) as Socket
    socket.write(
      'POST /tscompose/line HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: tscompose-line\r\n\r\n',
    )
    await once(socket, 'data')
    socket.resume().write(garbage)
    await new Promise(resolve => socket.once('close', resolve))
    expect(api.backend.calls.filter(({ method }) => method !== 'system.ping')).toEqual([])
  })
})

describe('an engine that knows no such connection', () => {
  let older: Server
  afterEach(() => older.close())

  it('has each call over one of its own', async () => {
    let asked = 0
    const socketPath = join(dirname(api.socketPath), 'older.sock')
    older = createServer(socket => {
      socket
        .on('error', () => undefined)
        .on('data', (bytes: Buffer) => {
          const isLine = bytes.includes('/tscompose/line')
          if (isLine) asked += 1
          socket.write(
            isLine
              ? 'HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n'
              : 'HTTP/1.1 204 No Content\r\n\r\n',
          )
        })
    }).listen(socketPath)
    await once(older, 'listening')
    const client = await held(socketPath)
    await Promise.all(Array.from({ length: 5 }, () => client.getContainer('web').start()))
    await Promise.all(Array.from({ length: 5 }, () => client.getContainer('web').start()))
    expect(asked).toBe(1)
    client.modem.destroy()
  })
})
