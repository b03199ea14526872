import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Docker } from './docker.ts'
import { ScriptedEngine } from './scripted-engine.test-support.ts'

let engine: ScriptedEngine
let docker: Docker
beforeEach(async () => {
  engine = new ScriptedEngine()
  await engine.listen()
  docker = new Docker({ socketPath: engine.socketPath })
})
afterEach(() => {
  docker.modem.destroy()
  engine.close()
})

const TAR = Buffer.from('tar')
const box = (docker: Docker) => docker.getContainer('box')

describe('what is sent', () => {
  it('may be a query and a body that are told apart, and fields of another engine', async () => {
    await docker.createContainer({ _query: { name: 'q', novel: 1 }, _body: { Image: 'b' } })
    expect(engine.last).toMatchObject({ query: { name: 'q', novel: '1' }, body: '{"Image":"b"}' })
    const novel: object = { novel: { deep: [1] }, all: undefined }
    await docker.listContainers(novel)
    expect(engine.last?.query).toEqual({ novel: '{"deep":[1]}' })
  })

  it('has the version, the headers and the credentials that are given', async () => {
    const { socketPath } = engine
    const other = new Docker({
      socketPath,
      version: 'v1.40',
      pathPrefix: '/at',
      headers: { host: 'h', 'X-A': 'b' },
    })
    await other.pull('i', { authconfig: { username: 'ü', password: '??>' } })
    expect(engine.last).toMatchObject({ path: '/at/v1.40/images/create', headers: { host: 'h', 'x-a': 'b' } })
    const auth = String(engine.last?.headers['x-registry-auth'])
    expect(auth).toMatch(/^[\w-]+=*$/)
    expect(auth.length % 4).toBe(0)
    expect(JSON.parse(Buffer.from(auth, 'base64url').toString())).toEqual({ username: 'ü', password: '??>' })
    await other.pull('i', {}, undefined, { key: 'as-it-is' })
    expect(engine.last?.headers['x-registry-auth']).toBe('as-it-is')
    await other.buildImage(TAR, { registryconfig: { r: { username: 'u' } }, authconfig: { base64: 'b' } })
    expect(engine.last?.headers).toMatchObject({
      'x-registry-auth': 'b',
      'x-registry-config': 'eyJyIjp7InVzZXJuYW1lIjoidSJ9fQ==',
    })
    expect(engine.last?.query).toEqual({})
  })

  it('begins with the options that a container has for a method', async () => {
    const container = box(docker)
    container.defaultOptions['stop'] = { t: 9 }
    await container.stop()
    expect(engine.last?.query).toEqual({ t: '9' })
    await container.stop({ t: 1 })
    expect(engine.last?.query).toEqual({ t: '1' })
  })
})

describe('what comes back', () => {
  it('is a value, a handle, a stream, or the bytes of what is no JSON', async () => {
    engine.script = () => [201, { Id: 'i', ID: 'i', Name: 'i', Warnings: ['w'] }]
    expect(await docker.createContainer({})).toMatchObject({ id: 'i', warnings: ['w'] })
    expect(await docker.createNetwork({ Name: 'n' })).toBeInstanceOf(Docker.Network)
    expect(await docker.createVolume()).toBeInstanceOf(Docker.Volume)
    expect(await docker.createService({})).toBeInstanceOf(Docker.Service)
    expect(await docker.createSecret({})).toMatchObject({ id: 'i' })
    expect(await docker.createConfig({})).toMatchObject({ id: 'i' })
    expect(await docker.createPlugin({ name: 'p' })).toMatchObject({ name: 'p', remote: 'p' })
    expect(await box(docker).exec({})).toMatchObject({ id: 'i' })
    expect(await buffer(await box(docker).export())).toHaveProperty('length', 47)
    engine.script = () => [204]
    expect(await box(docker).start()).toEqual(Buffer.alloc(0))
    engine.script = () => [200, '42']
    expect(await box(docker).logs({ stdout: true })).toEqual(Buffer.from('42'))
    engine.script = () => [200, 'OK']
    expect(await docker.ping()).toEqual(Buffer.from('OK'))
  })

  it('is told to a callback, which may be all that there is, and to promises of another kind', async () => {
    engine.script = () => [200, [{ Id: 'c' }]]
    const short = await new Promise(resolve => void docker.listContainers((...told) => resolve(told)))
    expect(short).toEqual([null, [{ Id: 'c' }]])
    const long = await new Promise(
      resolve => void docker.listContainers({ all: true }, (...told) => resolve(told)),
    )
    expect(long).toEqual([null, [{ Id: 'c' }]])
    const pulled = await new Promise(resolve => void docker.pull('i', (...told) => resolve(told)))
    expect(pulled).toMatchObject([null, expect.any(Readable)])
    const made = await new Promise(
      resolve => void docker.createImage({ fromImage: 'i' }, (...told) => resolve(told)),
    )
    expect(made).toMatchObject([null, expect.any(Readable)])
    class Other<T> extends Promise<T> {}
    const other = new Docker({ socketPath: engine.socketPath, Promise: Other })
    const promised = other.listContainers()
    expect(promised).toBeInstanceOf(Other)
    await promised
  })

  it('is a failure with the fields of dockerode', async () => {
    engine.script = () => [404, { message: 'No such container: box' }]
    const want = {
      statusCode: 404,
      reason: 'no such container',
      json: { message: 'No such container: box' },
      message: '(HTTP code 404) no such container - No such container: box ',
    }
    await expect(box(docker).inspect()).rejects.toMatchObject({
      ...want,
      kind: 'notFound',
      code: 'ENGINE_NOT_FOUND',
    })
    await expect(box(docker).logs()).rejects.toMatchObject(want)
    // Of a stream there is nothing that was parsed.
    await expect(box(docker).export()).rejects.toMatchObject({ ...want, json: null })
    const told = await new Promise(resolve => void box(docker).inspect(error => resolve(error)))
    expect(told).toMatchObject(want)
    engine.script = () => [418, 'prose of a proxy\n']
    await expect(docker.info()).rejects.toMatchObject({
      statusCode: 418,
      reason: undefined,
      message: '(HTTP code 418) unexpected - prose of a proxy ',
    })
    engine.script = () => [500]
    await expect(docker.info()).rejects.toMatchObject({ kind: 'internal', reason: 'server error' })
    const own = new Docker({ socketPath: engine.socketPath, errors: 'own' })
    engine.script = () => [409, { message: 'in use' }]
    await expect(own.getImage('i').remove()).rejects.toMatchObject({ message: 'in use', reason: 'conflict' })
  })
})

describe('what stands between', () => {
  it('may be a modem of another kind, by which all calls go', async () => {
    const dialled: unknown[] = []
    const modem = {
      dial: (options: object, callback: (error: null, result: unknown) => void) => {
        dialled.push(options)
        callback(null, { Id: 'x' })
      },
    }
    const other = new Docker({ modem })
    expect(other.modem).toBe(modem)
    expect(await other.createContainer({ Image: 'i', name: 'n' })).toMatchObject({ id: 'x' })
    expect(dialled).toMatchObject([
      {
        path: '/containers/create?',
        method: 'POST',
        options: { _query: { name: 'n' }, _body: { Image: 'i' } },
        statusCodes: { 201: true, 404: 'no such container' },
      },
    ])
  })
})
