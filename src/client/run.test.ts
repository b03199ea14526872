import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { encodeFrame } from '../api/framing.ts'
import { Docker } from './docker.ts'
import { ScriptedEngine } from './scripted-engine.test-support.ts'

let engine: ScriptedEngine
let docker: Docker
/** What the container writes. */
let output: Buffer
beforeEach(async () => {
  engine = new ScriptedEngine()
  await engine.listen()
  docker = new Docker({ socketPath: engine.socketPath })
  output = Buffer.from('out\n')
  engine.script = ({ path }) => {
    if (path === '/containers/create') return [201, { Id: 'c' }]
    return path.endsWith('/wait') ? [200, { StatusCode: 3 }] : [204]
  }
  engine.upgrade = socket => {
    socket.write('HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n')
    // After the exit: `run` waits for the output too.
    setTimeout(() => socket.end(output), 20)
  }
})
afterEach(() => {
  docker.modem.destroy()
  engine.close()
})

const calls = () => engine.heard.map(({ path }) => path)
const RUN = ['/containers/create', '/containers/c/attach', '/containers/c/start', '/containers/c/wait']

describe('run', () => {
  it('by promise gives the exit and the container, when all of the output is there', async () => {
    const sink = new PassThrough()
    const [data, container] = await docker.run('i', ['true'], sink, { name: 'n' }, { detachKeys: 'a' })
    expect(data).toEqual({ StatusCode: 3 })
    expect(container).toMatchObject({ id: 'c' })
    expect(await text(sink)).toBe('out\n')
    expect(calls()).toEqual(RUN)
    expect(engine.heard[0]?.query).toEqual({ name: 'n' })
    expect(JSON.parse(engine.heard[0]?.body ?? '')).toMatchObject({ Image: 'i', Cmd: ['true'], Tty: true })
    expect(engine.heard[2]?.query).toEqual({ detachKeys: 'a' })
  })

  it('with a callback gives an emitter that tells of all steps', async () => {
    const told: unknown[] = []
    const last = await new Promise(resolve => {
      const emitter = docker.run('i', [], null, (...result) => resolve(result))
      emitter.on('container', ({ id }) => told.push(['container', id]))
      emitter.on('stream', stream => told.push(['stream', typeof stream.pipe]))
      emitter.on('start', ({ id }) => told.push(['start', id]))
      emitter.on('data', data => told.push(['data', data]))
    })
    expect(last).toEqual([null, { StatusCode: 3 }, expect.objectContaining({ id: 'c' })])
    expect(told).toEqual([
      ['container', 'c'],
      ['stream', 'function'],
      ['start', 'c'],
      ['data', { StatusCode: 3 }],
    ])
  })

  it('takes the callback behind create and start options, and under its other names', async () => {
    for (const args of [[{}], [{}, {}]] as const) {
      const last = await new Promise(resolve => {
        const all = ['i', [], undefined, ...args, (...result: unknown[]) => resolve(result)] as const
        Reflect.apply(docker.run, docker, all)
      })
      expect(last).toMatchObject([null, { StatusCode: 3 }, { id: 'c' }])
    }
    expect(await docker.runPromise('i')).toMatchObject([{ StatusCode: 3 }, { id: 'c' }])
    const last = await new Promise(
      resolve => void docker.runCallback('i', [], null, (...result) => resolve(result)),
    )
    expect(last).toMatchObject([null, { StatusCode: 3 }, { id: 'c' }])
  })

  it('takes the two outputs apart, and ends them', async () => {
    output = Buffer.concat([
      encodeFrame('stdout', Buffer.from('out\n')),
      encodeFrame('stderr', Buffer.from('err\n')),
    ])
    const [stdout, stderr] = [new PassThrough(), new PassThrough()]
    await docker.run('i', [], [stdout, stderr])
    expect([await text(stdout), await text(stderr)]).toEqual(['out\n', 'err\n'])
    expect(JSON.parse(engine.heard[0]?.body ?? '')).toMatchObject({ Tty: false })
  })

  it('tells of a container that does not start, with the container', async () => {
    const script = engine.script
    engine.script = heard => (heard.path.endsWith('/start') ? [500, { message: 'no' }] : script(heard))
    const last = await new Promise(resolve => void docker.run('i', [], null, (...result) => resolve(result)))
    expect(last).toMatchObject([{ statusCode: 500 }, null, { id: 'c' }])
    engine.script = () => [404, { message: 'No such image' }]
    const none = await new Promise(resolve => void docker.run('i', [], null, (...result) => resolve(result)))
    expect(none).toMatchObject([{ statusCode: 404 }, null, undefined])
    await expect(docker.run('i')).rejects.toMatchObject({ statusCode: 404 })
  })
})
