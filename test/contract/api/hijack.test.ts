import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { PassThrough } from 'node:stream'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { AttachSession } from '../../../src/api/types/index.ts'
import { failure } from '../../../src/diagnostics/index.ts'
import { echoSession, noSuchContainer } from './fake-backend.ts'
import { type Harness, openHarness } from './harness.ts'

let api: Harness
beforeEach(async () => {
  api = await openHarness()
})
afterEach(() => api.close())

/** A connection that sends this and gathers what comes back. */
function talk(...chunks: readonly (string | Buffer)[]): { socket: Socket; all: () => Promise<string> } {
  const socket = connect({ path: api.socketPath, allowHalfOpen: true })
  let text = ''
  socket.on('data', chunk => {
    text += chunk.toString('latin1')
  })
  for (const chunk of chunks) socket.write(chunk)
  const ended = once(socket, 'end')
  return {
    socket,
    all: async () => {
      await ended
      return text
    },
  }
}

const attach =
  'POST /v1.47/containers/web/attach?stream=1&stdin=1&stdout=1&stderr=1 HTTP/1.1\r\nHost: docker\r\n'
const JSON_TYPE = 'Content-Type: application/json\r\n'
const upgrade = 'Connection: Upgrade\r\nUpgrade: tcp\r\n'

it('reads on after the client has closed its half', async () => {
  const { socket, all } = talk(`${attach}${upgrade}Content-Length: 0\r\n\r\n`, 'typed\n')
  socket.end()
  const text = await all()
  expect(text).toMatch(/^HTTP\/1\.1 101 UPGRADED\r\n/)
  expect(text).toContain('Content-Type: application/vnd.docker.multiplexed-stream')
  expect(text).toContain('\x01\0\0\0\0\0\0\x06hello\n\x02\0\0\0\0\0\0\x08careful\n')
  expect(text.endsWith('\x01\0\0\0\0\0\0\x06typed\n\x01\0\0\0\0\0\0\x04bye\n')).toBe(true)
})

it('fills the buffer of docker-py with the head, which would swallow what follows it', async () => {
  const { socket, all } = talk(`${attach}${upgrade}User-Agent: docker-sdk-python/7.1.0\r\n\r\n`)
  socket.end()
  const text = await all()
  expect(text.indexOf('\r\n\r\n') + 4).toBe(8192)
})

it('keeps the body of an upgrade and what follows it apart', async () => {
  const body = '{"Detach":false,"Tty":true}'
  const head = `POST /exec/e1/start HTTP/1.1\r\nHost: docker\r\n${JSON_TYPE}${upgrade}Content-Length: ${body.length}\r\n\r\n`
  const { socket, all } = talk(`${head}${body.slice(0, 5)}`, `${body.slice(5)}typed`)
  socket.end()
  const text = await all()
  expect(text).toContain('Content-Type: application/vnd.docker.raw-stream')
  expect(text.endsWith('\r\n\r\nhello\ntypedbye\n')).toBe(true)
  expect(api.backend.calls.at(-1)).toEqual({ method: 'exec.start', args: ['e1', { tty: true }] })
})

it.each([
  ['one piece', 40],
  ['small pieces', 3],
])('reads the body of an upgrade in chunks, as docker-java sends it, that comes in %s', async (_, size) => {
  const body = '{"Detach":false,"Tty":true}'
  const chunks = `${body.length.toString(16)};x=y\r\n${body}\r\n0\r\nTrailer: z\r\n\r\ntyped`
  const head = `POST /exec/e1/start HTTP/1.1\r\nHost: docker\r\n${JSON_TYPE}${upgrade}Transfer-Encoding: chunked\r\n\r\n`
  const { socket, all } = talk(head)
  for (let at = 0; at < chunks.length; at += size) {
    socket.write(chunks.slice(at, at + size))
    await new Promise(resolve => setImmediate(resolve))
  }
  socket.end()
  expect((await all()).endsWith('\r\n\r\nhello\ntypedbye\n')).toBe(true)
  expect(api.backend.calls.at(-1)).toEqual({ method: 'exec.start', args: ['e1', { tty: true }] })
})

it.each([
  'zz\r\n',
  '2\r\n{}}}\r\n',
  `${'1'.repeat(5000)}`,
])('refuses chunks that are none: %#', async chunks => {
  const head = `POST /exec/e1/start HTTP/1.1\r\nHost: docker\r\n${JSON_TYPE}${upgrade}Transfer-Encoding: chunked\r\n\r\n`
  expect(await talk(`${head}${chunks}`).all()).toMatch(/^HTTP\/1\.1 400 /)
})

it('bids a client go on that waits for it before it sends the body of an upgrade', async () => {
  const head = `POST /exec/e1/start HTTP/1.1\r\nHost: docker\r\n${JSON_TYPE}${upgrade}Expect: 100-continue\r\nContent-Length: 2\r\n\r\n`
  const { socket, all } = talk(head)
  const [first] = await once(socket, 'data')
  expect(String(first)).toBe('HTTP/1.1 100 Continue\r\n\r\n')
  socket.end('{}')
  expect(await all()).toContain('\r\n\r\nHTTP/1.1 101 UPGRADED\r\n')
})

/** Runs a command in the container that has a label, with a terminal. */
function execIn(): ReturnType<typeof talk> {
  const body = '{"Labels":["a=b"],"Cmd":["cat"],"Tty":true,"AttachStdin":true}'
  const head = `POST /tscompose/exec HTTP/1.1\r\nHost: docker\r\nUser-Agent: tscompose\r\n${JSON_TYPE}${upgrade}`
  return talk(`${head}Content-Length: ${body.length}\r\n\r\n${body}`)
}

it('runs a command in the one container that has these labels, and tells what it is and how it ends, around what it writes', async () => {
  api.backend.answer('containers.idsOf', ['c1'])
  const { socket, all } = execIn()
  socket.end('typed')
  const text = await all()
  expect(text).toContain('Content-Type: application/vnd.docker.multiplexed-stream')
  const frames = [
    '\x04\0\0\0\0\0\0\x0b{"Id":"e1"}',
    '\x01\0\0\0\0\0\0\x06hello\n',
    '\x01\0\0\0\0\0\0\x05typed',
    '\x01\0\0\0\0\0\0\x04bye\n',
    '\x04\0\0\0\0\0\0\x0e{"ExitCode":0}',
  ]
  expect(text.slice(text.indexOf('\r\n\r\n') + 4)).toBe(frames.join(''))
  expect(api.backend.calls.map(({ method, args }) => [method, ...args])).toEqual([
    ['containers.idsOf', { label: ['a=b'] }, false],
    ['exec.create', 'c1', { Cmd: ['cat'], Tty: true, AttachStdin: true }],
    ['exec.prepare', 'e1', { tty: true }],
    ['exec.start', 'e1', { tty: true }],
    ['exec.inspect', 'e1'],
  ])
})

it.each([[[]], [['c1', 'c2']]])('runs it in none where %j have them', async ids => {
  api.backend.answer('containers.idsOf', ids)
  const text = await execIn().all()
  expect(text).toMatch(/^HTTP\/1\.1 404 Not Found\r\n/)
  expect(text).toContain('CONTAINER_NOT_ONE')
  expect(api.backend.calls.map(({ method }) => method)).toEqual(['containers.idsOf'])
})

it('tells who detaches that the command goes on', async () => {
  api.backend.answer('containers.idsOf', ['c1'])
  api.backend.answer('exec.inspect', { Running: true, ExitCode: null })
  const { socket, all } = execIn()
  socket.end('typed\x10\x11')
  expect((await all()).endsWith('{"ExitCode":null}')).toBe(true)
})

it('tells no end of output that is not whole', async () => {
  api.backend.answer('containers.idsOf', ['c1'])
  async function* output(): AsyncGenerator<never> {
    yield* []
    throw failure({ code: 'LOST', summary: 'lost' })
  }
  api.backend.answer('exec.start', { tty: true, output: output(), close: () => undefined })
  const { socket, all } = execIn()
  socket.end()
  const text = await all()
  expect(text).toContain('{"Id":"e1"}\x03\0\0\0')
  expect(text).not.toContain('ExitCode')
})

it('answers a plain request with the streams too', async () => {
  const head =
    'POST /exec/e1/start HTTP/1.1\r\nHost: docker\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n'
  const session = { ...echoSession(), stdin: undefined }
  const { stdin: _, ...outputOnly } = session
  api.backend.answer('exec.start', { ...outputOnly, output: (async function* () {})() })
  const { all } = talk(`${head}{}`)
  expect(await all()).toMatch(/^HTTP\/1\.1 200 OK\r\n/)
})

it('answers an upgrade that is not granted as any request', async () => {
  const head = `POST /containers/nobody/start HTTP/1.1\r\nHost: docker\r\n${upgrade}Content-Length: 0\r\n\r\n`
  const text = await talk(head).all()
  expect(text).toMatch(/^HTTP\/1\.1 404 Not Found\r\n/)
  expect(text).toContain('Api-Version: 1.51')
  expect(text).toContain('No such container: nobody')
})

it.each([
  ['nothing', ''],
  ['a body', 'Content-Length: 2\r\n\r\n{}'],
  ['more than its body', 'Content-Length: 2\r\n\r\n{}typed'],
  ['a part of its body', 'Content-Length: 99\r\n\r\n{}'],
])('lets go of a connection whose upgrade was not granted, when the client has gone after sending %s', async (_, rest) => {
  for (const path of ['/exec/nobody/start', '/nowhere']) {
    api.backend.fail('exec.start', noSuchContainer('nobody'))
    api.backend.fail('exec.prepare', noSuchContainer('nobody'))
    const { socket } = talk(
      `POST ${path} HTTP/1.1\r\nHost: docker\r\n${upgrade}${rest === '' ? '\r\n' : rest}`,
    )
    if (!rest.includes('99')) await once(socket, 'data')
    socket.destroy()
  }
  await vi.waitFor(() => expect(api.server.clients).toBe(0))
})

it('lets go of the session when the client has gone', async () => {
  const silent = new PassThrough()
  let closed: () => void = () => undefined
  const gone = new Promise<void>(resolve => {
    closed = resolve
  })
  const session: AttachSession = {
    tty: false,
    output: (async function* () {
      yield { stream: 'stdout' as const, bytes: Buffer.from('first\n') }
      for await (const bytes of silent) yield { stream: 'stdout' as const, bytes }
    })(),
    close: () => {
      silent.destroy()
      closed()
    },
  }
  api.backend.answer('containers.attach', session)
  const { socket } = talk(`${attach}${upgrade}\r\n`)
  await once(socket, 'data')
  socket.destroy()
  // Half a connection may be closed on purpose: that the client has gone shows when something is written.
  silent.write('one\n')
  silent.write('two\n')
  await gone
})

it('detaches from a terminal by its keys', async () => {
  const session = echoSession(true)
  api.backend.answer('containers.attach', session)
  const { all } = talk(`${attach.replace('?', '?detachKeys=ctrl-a,d&')}${upgrade}\r\n`, 'ls\x01d')
  expect(await all()).toContain('hello\n')
  expect(session.closed()).toBe(true)
})

it('prints why a command could not be run, as its output', async () => {
  const missing = failure({
    code: 'EXEC_NOT_FOUND',
    kind: 'invalidArgument',
    summary: 'exec: "nope": not found',
  })
  api.backend.fail('exec.start', missing)
  api.backend.answer('exec.inspect', { ExitCode: 127 })
  const stream = await api.docker.getExec('e1').start({ hijack: true })
  const text = Buffer.concat(await stream.toArray()).toString('latin1')
  expect(text).toContain('exec: "nope": not found')
  expect(text.charCodeAt(0)).toBe(1)
})

it('runs a command to its end, its streams apart', async () => {
  const [out, err] = [new PassThrough(), new PassThrough()]
  const [exit, container] = await api.docker.run('busybox', ['true'], [out, err], { name: 'once' })
  expect(exit).toEqual({ StatusCode: 3 })
  expect(container.id).toMatch(/^c0ffee/)
  const texts = [out, err].map(async stream => Buffer.concat(await stream.end().toArray()).toString())
  expect(await Promise.all(texts)).toEqual(['hello\nbye\n', 'careful\n'])
  const [create] = api.backend.calls
  expect(create?.args).toMatchObject([{ Image: 'busybox', Cmd: ['true'], Tty: false }, { name: 'once' }])
})

it('gives the streams of a command without an upgrade too', async () => {
  const stream = await api.docker.getContainer('web').attach({ stream: true, stdin: true, stdout: true })
  stream.end('typed\n')
  expect(Buffer.concat(await stream.toArray()).toString('latin1')).toContain('typed\n')
})

it('gives the client a connection both ways', async () => {
  const stream = await api.docker
    .getContainer('web')
    .attach({ stream: true, stdin: true, stdout: true, hijack: true })
  stream.end('typed\n')
  expect(Buffer.concat(await stream.toArray()).toString('latin1')).toContain('typed\n')
})

it.each([
  [
    'an upload whose container is not there',
    'PUT /containers/nobody/archive?path=/ HTTP/1.1\r\nHost: d\r\nContent-Length: 99999\r\n\r\nabc',
  ],
  [
    'an upload',
    'PUT /containers/web/archive?path=/ HTTP/1.1\r\nHost: d\r\nContent-Length: 99999\r\n\r\nabcdefgh',
  ],
  ['a body', 'POST /containers/create HTTP/1.1\r\nHost: d\r\nContent-Length: 99999\r\n\r\n{'],
  [
    'the body of an upgrade',
    `POST /exec/e1/start HTTP/1.1\r\nHost: d\r\n${upgrade}Content-Length: 99\r\n\r\n{`,
  ],
  [
    'the body of an upgrade to nowhere',
    `POST /nowhere HTTP/1.1\r\nHost: d\r\n${upgrade}Content-Length: 99\r\n\r\n{`,
  ],
  [
    'an upload that is no gzip',
    'PUT /containers/web/archive?path=/ HTTP/1.1\r\nHost: d\r\nContent-Length: 8\r\n\r\n\x1f\x8bxxxxxx',
  ],
])('survives a client that goes away within %s', async (_, text) => {
  api.backend.fail('containers.putArchive', failure({ code: 'X', kind: 'notFound', summary: 'nobody' }))
  const { socket } = talk(Buffer.from(text, 'latin1'))
  await once(socket, 'connect')
  await api.docker.ping()
  socket.destroy()
  while (api.server.clients > 1) await new Promise(resolve => setImmediate(resolve))
  expect(String(await api.docker.ping())).toBe('OK')
})
