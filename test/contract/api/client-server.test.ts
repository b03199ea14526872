import { once } from 'node:events'
import { statSync } from 'node:fs'
import { Readable } from 'node:stream'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { EventMessage, ProgressMessage } from '../../../src/api/types/index.ts'
import { EngineFailure, errorOf, jsonLines } from '../../../src/client/index.ts'
import { failure } from '../../../src/diagnostics/index.ts'
import { noSuchContainer } from './fake-backend.ts'
import { type Harness, openHarness } from './harness.ts'

let api: Harness
beforeEach(async () => {
  api = await openHarness()
})
afterEach(() => api.close())

/** The last call that reached the backend. */
const last = (): unknown => api.backend.calls.at(-1)

describe('a call of the client reaches the backend as it was meant', () => {
  it.each<[string, () => Promise<unknown>, unknown]>([
    [
      'createContainer',
      () => api.docker.createContainer({ name: 'web', Image: 'busybox', HostConfig: { Binds: ['/a:/b'] } }),
      {
        method: 'containers.create',
        args: [{ Image: 'busybox', HostConfig: { Binds: ['/a:/b'] } }, { name: 'web' }],
      },
    ],
    [
      'listContainers',
      () => api.docker.listContainers({ all: true, filters: { label: ['a=b'] } }),
      { method: 'containers.list', args: [{ all: true, size: false, filters: { label: ['a=b'] } }] },
    ],
    [
      'stop',
      () => api.docker.getContainer('web').stop({ t: 3, signal: 'SIGINT' }),
      { method: 'containers.stop', args: ['web', { timeout: 3, signal: 'SIGINT' }] },
    ],
    [
      'remove',
      () => api.docker.getContainer('web').remove({ force: true, v: true }),
      { method: 'containers.remove', args: ['web', { force: true, volumes: true, link: false }] },
    ],
    [
      'rename',
      () => api.docker.getContainer('web').rename({ name: 'shop' }),
      { method: 'containers.rename', args: ['web', 'shop'] },
    ],
    [
      'update',
      () => api.docker.getContainer('web').update({ Memory: 1, RestartPolicy: { Name: 'always' } }),
      { method: 'containers.update', args: ['web', { Memory: 1, RestartPolicy: { Name: 'always' } }] },
    ],
    [
      'resize',
      () => api.docker.getContainer('web').resize({ h: 24, w: 80 }),
      { method: 'containers.resize', args: ['web', { height: 24, width: 80 }] },
    ],
    [
      'wait',
      () => api.docker.getContainer('web').wait({ condition: 'removed' }),
      { method: 'containers.wait', args: ['web', 'removed'] },
    ],
    [
      'networks',
      () =>
        api.docker.getNetwork('front').connect({ Container: 'web', EndpointConfig: { Aliases: ['shop'] } }),
      {
        method: 'networks.connect',
        args: ['front', { Container: 'web', EndpointConfig: { Aliases: ['shop'] } }],
      },
    ],
    [
      'volumes',
      () => api.docker.createVolume({ Name: 'data', Labels: { a: 'b' } }),
      { method: 'volumes.create', args: [{ Name: 'data', Labels: { a: 'b' } }] },
    ],
    [
      'images with slashes',
      () => api.docker.getImage('reg.io:5000/a/b:1').tag({ repo: 'a/b', tag: '2' }),
      { method: 'images.tag', args: ['reg.io:5000/a/b:1', 'a/b', '2'] },
    ],
    [
      'pull',
      () => api.docker.pull('debian:bookworm', {}, undefined, { username: 'u' }),
      { method: 'images.pull', args: [{ reference: 'debian:bookworm', auth: { username: 'u' } }] },
    ],
    [
      'pull by digest',
      () => api.docker.pull('debian@sha256:00'),
      { method: 'images.pull', args: [{ reference: 'debian@sha256:00' }] },
    ],
    [
      'exec',
      () => api.docker.getContainer('web').exec({ Cmd: ['ls'], Env: ['A=b'] }),
      { method: 'exec.create', args: ['web', { Cmd: ['ls'], Env: ['A=b'] }] },
    ],
  ])('%s', async (_, call, want) => {
    await call()
    expect(last()).toEqual(want)
  })
})

describe('answers', () => {
  it('come as values', async () => {
    expect(String(await api.docker.ping())).toBe('OK')
    expect(await api.docker.version()).toMatchObject({ ApiVersion: '1.51', MinAPIVersion: '1.24' })
    const created = await api.docker.createContainer({ Image: 'busybox' })
    expect(created).toMatchObject({ warnings: ['one warning'] })
    expect(await created.wait()).toEqual({ StatusCode: 3 })
    // dockerode gives what came, and that is nothing.
    expect(await created.start()).toEqual(Buffer.alloc(0))
  })

  it('say when a grace period was skipped, and nothing else', async () => {
    expect(await api.docker.getContainer('web').stop()).not.toHaveProperty('GraceSkipped')
    api.backend.answer('containers.stop', { GraceSkipped: true })
    expect(await api.docker.getContainer('web').stop({ told: true })).toEqual({ GraceSkipped: true })
  })

  it('come by callback too', async () => {
    const name = await new Promise(resolve => {
      api.docker.getContainer('web').inspect((_, container) => resolve(container?.Name))
    })
    expect(name).toBe('/web')
    const error = await new Promise(resolve => {
      api.docker.getContainer('nobody').start({}, resolve)
    })
    expect(error).toBeInstanceOf(EngineFailure)
  })

  it('are a framed log', async () => {
    const log = await api.docker.getContainer('web').logs({ stdout: true, stderr: true })
    expect(log.toString('latin1')).toBe('\x01\0\0\0\0\0\0\x04one\n\x02\0\0\0\0\0\0\x04two\n')
  })

  it('are a tar with its stat', async () => {
    const tar = await api.docker.getContainer('web').getArchive({ path: '/etc/hosts' })
    expect(Buffer.concat(await tar.toArray()).toString()).toBe('tar')
    const info = await api.docker.getContainer('web').infoArchive({ path: '/etc/hosts' })
    const header = Reflect.get(info, 'headers')['x-docker-container-path-stat']
    expect(JSON.parse(Buffer.from(header, 'base64').toString())).toMatchObject({ name: 'hosts', size: 3 })
  })
})

describe('failures', () => {
  it('are rebuilt with kind, code and hint, and with what dockerode gives', async () => {
    await expect(api.docker.getContainer('nobody').inspect()).rejects.toMatchObject({
      kind: 'notFound',
      code: 'CONTAINER_NOT_FOUND',
      diagnostics: [{ hint: 'ps' }],
      statusCode: 404,
      reason: 'no such container',
      json: { message: 'No such container: nobody (ps)' },
      message: '(HTTP code 404) no such container - No such container: nobody (ps) ',
    })
  })

  it('are not modified without a body', async () => {
    const already = failure({ code: 'CONTAINER_RUNNING', kind: 'notModified', summary: 'runs already' })
    api.backend.fail('containers.start', already)
    await expect(api.docker.getContainer('web').start()).rejects.toMatchObject({
      kind: 'notModified',
      statusCode: 304,
      reason: 'container already started',
    })
  })

  it('are internal when the engine threw something else', async () => {
    api.backend.fail('containers.list', new TypeError('x is not a function'))
    await expect(api.docker.listContainers()).rejects.toMatchObject({ kind: 'internal', statusCode: 500 })
  })

  it('name an engine that is not there', async () => {
    const { Docker } = await import('../../../src/client/index.ts')
    const nobody = new Docker({ socketPath: `${api.socketPath}.gone` })
    const own = new Docker({ socketPath: `${api.socketPath}.gone`, errors: 'own' })
    await expect(own.ping()).rejects.toMatchObject({ code: 'ENGINE_UNREACHABLE', kind: 'unavailable' })
    const error = await nobody.ping().catch((error: unknown) => error)
    expect(error).toMatchObject({ code: 'ENOENT', syscall: 'connect', kind: 'unavailable' })
    expect(error).toMatchObject({ diagnostics: [{ code: 'ENGINE_UNREACHABLE' }] })
  })

  it('before the first progress message are a status, and after it a message', async () => {
    api.backend.fail('images.pull', noSuchContainer('x'))
    await expect(api.docker.pull('x')).rejects.toMatchObject({ kind: 'notFound' })

    async function* breaking(): AsyncGenerator<ProgressMessage> {
      yield { status: 'Pulling' }
      throw failure({ code: 'LAYER_CORRUPT', summary: 'digest differs', hint: 'pull again' })
    }
    api.backend.answer('images.pull', breaking())
    const seen: object[] = []
    const stream = await api.docker.pull('x')
    const error = await new Promise(resolve => {
      api.docker.modem.followProgress(stream, resolve, event => seen.push(event))
    })
    // As docker-modem has it: what the engine says of a failure is one of the messages.
    expect(error).toBeNull()
    expect(seen).toMatchObject([
      { status: 'Pulling' },
      { errorDetail: { message: 'digest differs (pull again)' } },
    ])
    expect(seen.map(errorOf)).toMatchObject([undefined, { code: 'LAYER_CORRUPT' }])
  })

  it('of a command in a build have its exit status, where Docker has it', async () => {
    async function* failing(): AsyncGenerator<ProgressMessage> {
      yield { stream: 'Step 1/1 : RUN false\n' }
      throw failure({ code: 'BUILD_STEP_FAILED', summary: 'exit code: 7', exitStatus: 7 })
    }
    api.backend.answer('images.pull', failing())
    const text: string[] = []
    for await (const chunk of await api.docker.pull('x')) text.push(String(chunk))
    expect(JSON.parse(text.join('').trim().split('\n').at(-1) ?? '')).toMatchObject({
      error: 'exit code: 7',
      errorDetail: { code: 7, message: 'exit code: 7' },
      diagnostics: [{ exitStatus: 7 }],
    })
  })

  it('in the middle of a log reach the reader', async () => {
    async function* records(): AsyncGenerator<never[]> {
      yield []
      throw failure({ code: 'LOG_UNREADABLE', summary: 'disk is gone' })
    }
    api.backend.answer('containers.logs', { tty: false, records: records() })
    const stream = await api.docker.getContainer('web').logs({ follow: true, stdout: true })
    const sink = (await import('node:stream')).Writable
    const nowhere = new sink({ write: (_chunk, _encoding, done) => done() })
    const failed = once(stream, 'error')
    api.docker.modem.demuxStream(stream, nowhere, nowhere)
    expect((await failed)[0]).toMatchObject({ code: 'STREAM_ERROR', message: 'disk is gone' })
  })
})

describe('streams', () => {
  it('bring events as they happen, and tell the backend when nobody listens any more', async () => {
    let happen: (event: EventMessage) => void = () => undefined
    const event: EventMessage = {
      Type: 'container',
      Action: 'start',
      Actor: { ID: 'c', Attributes: {} },
      scope: 'local',
      time: 1,
      timeNano: 1,
    }
    async function* events(): AsyncGenerator<EventMessage> {
      yield await new Promise<EventMessage>(resolve => {
        happen = resolve
      })
      await once(api.backend.signals[0] as AbortSignal, 'abort')
    }
    api.backend.answer('system.events', events())
    const control = new AbortController()
    const stream = await api.docker.getEvents({
      abortSignal: control.signal,
      filters: { type: ['container'] },
    })
    happen(event)
    for await (const got of jsonLines(stream)) {
      expect(got).toEqual(event)
      break
    }
    const signal = api.backend.signals[0]
    if (signal?.aborted === false) await once(signal, 'abort')
    expect(signal?.aborted).toBe(true)
  })

  it('take a build context and give its progress', async () => {
    const stream = await api.docker.buildImage(Readable.from([Buffer.from('context')]), {
      t: ['a', 'b'],
      buildargs: { A: '1', B: null },
      secrets: { key: Buffer.from('s3cret') },
      registryconfig: { 'reg.io': { username: 'u' } },
    })
    const events: object[] = []
    for await (const event of jsonLines(stream)) events.push(event)
    expect(events[0]).toEqual({ stream: 'Step 1/1 : FROM scratch, with a context\n' })
    expect(events.map(errorOf)).toEqual([undefined, undefined, undefined])
    const [, options] = api.backend.calls[0]?.args ?? []
    expect(options).toMatchObject({
      dockerfile: 'Dockerfile',
      tags: ['a', 'b'],
      remove: true,
      buildArgs: { A: '1', B: null },
      secrets: { key: Buffer.from('s3cret') },
      auth: { 'reg.io': { username: 'u' } },
    })
  })

  it('of a quiet build are the id alone', async () => {
    const stream = await api.docker.buildImage(Buffer.from('context'), { q: true })
    const events: object[] = []
    for await (const event of jsonLines(stream)) events.push(event)
    expect(events).toEqual([{ stream: `sha256:${'ab'.repeat(32)}\n` }])
  })

  it('put an archive', async () => {
    await api.docker.getContainer('web').putArchive(Buffer.from('tar'), { path: '/etc', copyUIDGID: true })
    const [id, options] = api.backend.calls[0]?.args ?? []
    expect([id, options]).toEqual(['web', { path: '/etc', noOverwriteDirNonDir: false, copyUIDGID: true }])
  })
})

describe('the server', () => {
  it('has a socket for its owner alone', () => {
    expect(statSync(api.socketPath).mode & 0o777).toBe(0o600)
  })

  it('knows when it is idle', async () => {
    const idle = new Promise<void>(resolve => {
      void openHarness({ onIdle: resolve }).then(async other => {
        await other.docker.ping()
        expect(other.server.idle).toBe(false)
        expect(other.server.clients).toBe(1)
        other.docker.modem.destroy()
        await idle
        expect(other.server.idle).toBe(true)
        await other.close()
      })
    })
    await idle
  })

  it('is let go by a client that does not call any more', async () => {
    let told: () => void = () => undefined
    const idle = new Promise<void>(resolve => {
      told = resolve
    })
    const other = await openHarness({ onIdle: () => told() })
    await other.docker.ping()
    await idle
    await other.close()
  })

  it('is not let go by a client that waits long for an answer', async () => {
    const late = new Promise(resolve => setTimeout(resolve, 1_500, { StatusCode: 7 }))
    api.backend.answer('containers.wait', { result: late })
    expect(await api.docker.getContainer('web').wait()).toEqual({ StatusCode: 7 })
  })

  it('keeps a connection for the next call', async () => {
    for (let call = 0; call < 5; call += 1) await api.docker.ping()
    expect(api.server.clients).toBe(1)
  })
})
