import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { extract } from 'tar-stream'
import { describe, expect, it } from 'vitest'
import { encodeFrame } from '../api/framing.ts'
import { packContext } from './building/pack-context.ts'
import { adapt } from './calls/callback.ts'
import { resolveEndpoint } from './connection/options.ts'
import { pullQuery } from './docker.ts'
import { demuxStream, outputText } from './modem/demux.ts'
import { engineFailure } from './modem/engine-failure.ts'
import { followProgress, jsonLines } from './modem/progress.ts'
import { renderPath, renderQuery } from './modem/query.ts'

describe('where the engine is', () => {
  it.each<[string, object, string | undefined, object]>([
    ['nothing', {}, undefined, { socketPath: '/var/run/docker.sock' }],
    ['DOCKER_HOST', {}, 'unix:///run/x.sock', { socketPath: '/run/x.sock' }],
    ['tcp', {}, 'tcp://[::1]:2375', { protocol: 'http', host: '::1', port: 2375 }],
    ['tls by port', {}, 'tcp://box:2376', { protocol: 'https', host: 'box', port: 2376 }],
    ['options first', { socketPath: '/a' }, 'tcp://box:1', { socketPath: '/a' }],
    ['host and port', { host: 'box', port: 99 }, undefined, { protocol: 'http', host: 'box', port: 99 }],
    [
      'a URL as host',
      { host: 'http://box', port: '99' },
      undefined,
      { protocol: 'http', host: 'box', port: 99 },
    ],
  ])('%s', (_, options, DOCKER_HOST, want) => {
    expect(resolveEndpoint(options, { DOCKER_HOST })).toEqual(want)
  })

  it.each(['ssh://box', 'tcp://', '::'])('refuses %s', DOCKER_HOST => {
    expect(() => resolveEndpoint({}, { DOCKER_HOST })).toThrow(
      expect.objectContaining({ code: 'DOCKER_HOST_INVALID' }),
    )
  })
})

describe('requests', () => {
  it('keep the slashes of an image name, and no others', () => {
    expect(renderPath('/images/:name+/json', { name: 'reg:5000/a b:1@sha256:0' })).toBe(
      '/images/reg:5000/a%20b:1@sha256:0/json',
    )
    expect(renderPath('/containers/:id/json', { id: '../a' })).toBe('/containers/..%2Fa/json')
  })

  it('have the fields of their route alone', () => {
    const shape = { all: 'flag', filters: 'filters', t: 'list', labels: 'json' } as const
    const values = { all: true, filters: { a: ['b'] }, t: ['x', 'y'], labels: '{}', other: 1 }
    expect(new URLSearchParams(renderQuery(shape, values)).toString()).toBe(
      'all=true&filters=%7B%22a%22%3A%5B%22b%22%5D%7D&t=x&t=y&labels=%7B%7D',
    )
    expect(renderQuery(shape, { all: undefined })).toBe('')
  })

  it.each([
    ['debian', 'debian', 'latest'],
    ['reg:5000/a', 'reg:5000/a', 'latest'],
    ['reg:5000/a:1', 'reg:5000/a', '1'],
    ['a:1@sha256:0', 'a:1', 'sha256:0'],
  ])('pull %s', (reference, fromImage, tag) => {
    expect(pullQuery(reference)).toEqual({ fromImage, tag })
  })
})

describe('errors of other engines', () => {
  it('have the message as summary', () => {
    const error = engineFailure('imageInspect', 404, '{"message":"No such image: x"}')
    expect(error).toMatchObject({ kind: 'notFound', code: 'ENGINE_NOT_FOUND', reason: 'no such image' })
    expect(error.message).toBe('No such image: x')
  })

  it('may be no JSON', () => {
    expect(engineFailure('info', 502, 'bad gateway')).toMatchObject({
      kind: 'unavailable',
      message: 'bad gateway',
    })
    expect(engineFailure('info', 500, '')).toMatchObject({ kind: 'internal', message: 'server error' })
  })
})

describe('promises and callbacks', () => {
  it('take the options in either place', async () => {
    const got = await new Promise(resolve => {
      void adapt<string, string>(
        'a',
        (_, result) => resolve(result),
        async options => `${options}!`,
      )
    })
    expect(got).toBe('a!')
    const none = await new Promise(resolve => {
      void adapt<string, string>(
        (_, result) => resolve(result),
        undefined,
        async options => `${options}`,
      )
    })
    expect(none).toBe('undefined')
    expect(await adapt<string, string>('a', undefined, async options => `${options}`)).toBe('a')
  })
})

describe('streams', () => {
  it('are demultiplexed, and wait for a slow reader', async () => {
    const stdout = new PassThrough({ highWaterMark: 4 })
    const stderr = new PassThrough()
    const frames = Buffer.concat(
      ['one\n', 'two\n', 'three\n'].flatMap(text => [
        encodeFrame('stdout', Buffer.from(text)),
        encodeFrame('stderr', Buffer.from('!')),
      ]),
    )
    const source = Readable.from(
      [...frames].map(byte => Buffer.from([byte])),
      { objectMode: false },
    )
    demuxStream(source, stdout, stderr)
    source.once('end', () => stdout.end())
    expect(Buffer.concat(await stdout.toArray()).toString()).toBe('one\ntwo\nthree\n')
    stderr.end()
    expect(Buffer.concat(await stderr.toArray()).toString()).toBe('!!!')
  })

  it('of a whole log are its text, of a terminal as it stands', () => {
    const frames = [encodeFrame('stdout', Buffer.from('out\n')), encodeFrame('stderr', Buffer.from('é\n'))]
    expect(outputText(Buffer.concat(frames), false)).toBe('out\né\n')
    expect(outputText(Buffer.from('a\r\n'), true)).toBe('a\r\n')
    expect(() => outputText(Buffer.from('no frames of a terminal'), false)).toThrow(
      expect.objectContaining({ code: 'FRAME_MALFORMED' }),
    )
  })

  it('of JSON lines may be cut anywhere, letters too', async () => {
    const bytes = [...Buffer.from('{"status":"é"}\r\n\n{"id":"2"}')].map(byte => Buffer.from([byte]))
    const values: object[] = []
    for await (const value of jsonLines(Readable.from(bytes))) values.push(value)
    expect(values).toEqual([{ status: 'é' }, { id: '2' }])
  })

  it('of something else are refused', async () => {
    const [error, output] = await new Promise<[Error | null, object[]]>(resolve => {
      followProgress(Readable.from([Buffer.from('{"a":1}\noops\n')]), (...result) => resolve(result))
    })
    expect(error).toMatchObject({ code: 'PROGRESS_MALFORMED' })
    expect(output).toEqual([{ a: 1 }])
  })
})

it('packs the wanted paths of a folder, without what is ignored', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tscompose-pack-'))
  try {
    await mkdir(join(folder, 'src/deep'), { recursive: true })
    await writeFile(join(folder, '.dockerignore'), 'src/deep\n!src/deep/kept\n')
    await writeFile(join(folder, 'Dockerfile'), 'FROM scratch\n')
    await writeFile(join(folder, 'unwanted'), '')
    await writeFile(join(folder, 'src/deep/dropped'), '')
    await writeFile(join(folder, 'src/deep/kept'), 'kept')
    await symlink('deep/kept', join(folder, 'src/link'))
    const names: string[] = []
    const reader = extract()
    ;(await packContext(folder, ['Dockerfile', 'src/'])).pipe(reader)
    for await (const entry of reader) {
      names.push(`${entry.header.type} ${entry.header.name}`)
      entry.resume()
    }
    expect(names).toEqual(['file Dockerfile', 'directory src/', 'file src/deep/kept', 'symlink src/link'])
  } finally {
    await rm(folder, { recursive: true })
  }
})
