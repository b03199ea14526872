import { execFileSync } from 'node:child_process'
import { createHash, randomUUID } from 'node:crypto'
import { readdirSync } from 'node:fs'
import { request } from 'node:http'
import { performServerHandshake, type ServerHttp2Session } from 'node:http2'
import type { Duplex } from 'node:stream'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Channel } from '../../../src/api/server/buildkit/grpc/channel.ts'
import { frame, messagesIn } from '../../../src/api/server/buildkit/grpc/frames.ts'
import { codecOf, type Decoded, type Encodable } from '../../../src/api/server/buildkit/proto/messages.ts'
import { Docker } from '../../../src/client/index.ts'
import { requires, root } from '../../requires.ts'
import { eventually } from '../harness/eventually.ts'
import { makeSandbox, type Sandbox, showLogOnFailure } from '../harness/sandbox.ts'

const FILES = '/moby.filesync.v1.FileSync/DiffCopy'
const CONTROL = '/moby.buildkit.v1.Control'
const BRIDGE = '/moby.buildkit.v1.frontend.LLBBridge'

/** Files of a client's folder, by name; `stops`: the client goes when that many bytes of a file have been sent. */
interface Folder {
  readonly files: Readonly<Record<string, string>>
  readonly stops?: number
}

// What buildx does on the wire, without buildx.
requires(root).describe("a client of BuildKit's against our engine", () => {
  let sandbox: Sandbox
  const open = new Set<Duplex>()

  beforeAll(async () => {
    sandbox = makeSandbox()
    await sandbox.busybox()
    await sandbox.hold()
  })
  afterAll(async () => {
    for (const connection of open) connection.destroy()
    await sandbox.close()
  })

  const upgrade = (
    path: string,
    headers: Readonly<Record<string, string | string[]>> = {},
  ): Promise<Duplex> =>
    new Promise((resolve, reject) => {
      const asked = request({
        socketPath: sandbox.socket,
        path,
        method: 'POST',
        headers: { ...headers, Connection: 'Upgrade', Upgrade: 'h2c' },
      })
      asked.once('upgrade', (_, socket, head) => {
        if (head.length > 0) socket.unshift(head)
        open.add(socket)
        socket.once('close', () => open.delete(socket))
        socket.on('error', () => undefined)
        resolve(socket)
      })
      asked.once('response', answer => reject(new Error(`status ${answer.statusCode}`)))
      asked.once('error', reject)
      asked.end()
    })

  /** A session that serves folders by their names. */
  const openSession = async (
    folders: Readonly<Record<string, Folder>>,
  ): Promise<{ readonly id: string; readonly connection: Duplex }> => {
    const id = randomUUID()
    const connection = await upgrade('/session', {
      'X-Docker-Expose-Session-Uuid': id,
      'X-Docker-Expose-Session-Sharedkey': `test:${id}`,
      'X-Docker-Expose-Session-Grpc-Method': [FILES],
    })
    const session: ServerHttp2Session = performServerHandshake(connection)
    session.on('error', () => undefined)
    session.on('stream', (stream, headers) => {
      stream.on('error', () => undefined)
      stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true })
      stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }))
      const folder = folders[String(headers['dir-name'])] ?? { files: {} }
      const paths = [headers['followpaths'] ?? []].flat().flatMap(value => String(value).split(', '))
      const send = (packet: Encodable<'Packet'>): void => {
        stream.write(frame(codecOf('Packet').encode(packet)))
      }
      void serveFolder(stream, folder, { paths, send, leave: () => connection.destroy() })
    })
    return { id, connection }
  }

  /** A build as clients drive it: its result's configuration, what it told, and what was exported. */
  const build = async (
    folders: Readonly<Record<string, Folder>>,
    exporter: { readonly Type: string; readonly Attrs: Readonly<Record<string, string>> },
  ): Promise<{ readonly response: Readonly<Record<string, string>>; readonly output: string }> => {
    const connection = await upgrade('/grpc')
    const channel = new Channel(connection)
    const session = await openSession(folders)
    try {
      const Ref = randomUUID()
      const Session = session.id
      const metadata = { 'buildkit-controlapi-buildid': Ref }
      const ask = async <Q extends 'BridgeSolveRequest' | 'ReturnRequest'>(
        path: string,
        names: readonly [Q, 'BridgeSolveResponse' | 'ReturnResponse'],
        message: Encodable<Q>,
      ): Promise<Decoded<'BridgeSolveResponse'>> => {
        const call = channel.call(path, names, metadata)
        await call.send(message)
        call.finish()
        for await (const answer of call.messages) return answer as Decoded<'BridgeSolveResponse'>
        throw new Error('no answer')
      }
      const solving = channel.ask(`${CONTROL}/Solve`, ['SolveRequest', 'SolveResponse'], {
        Ref,
        Session,
        Exporters: [exporter],
      })
      solving.catch(() => undefined)
      const status = channel.call(`${CONTROL}/Status`, ['StatusRequest', 'StatusResponse'], {})
      await status.send({ Ref })
      status.finish()
      const telling = outputOf(status.messages)
      telling.catch(() => undefined)
      const answer = await ask(`${BRIDGE}/Solve`, ['BridgeSolveRequest', 'BridgeSolveResponse'], {
        Frontend: 'dockerfile.v0',
        FrontendOpt: { filename: 'Dockerfile' },
      })
      const id = answer.result?.ref?.id ?? ''
      await ask(`${BRIDGE}/Return`, ['ReturnRequest', 'ReturnResponse'], { result: { ref: { id } } })
      const { ExporterResponse } = await solving
      return { response: ExporterResponse, output: await telling }
    } finally {
      channel.close()
      session.connection.destroy()
    }
  }

  const DOCKERFILE = 'FROM busybox\nCOPY . /c/\nRUN cat /c/sub/file && rm /c/large\n'

  test('builds what its session has, and the image has the name', async () => {
    showLogOnFailure(sandbox)
    const folders = {
      dockerfile: { files: { Dockerfile: DOCKERFILE } },
      context: { files: { large: 'x'.repeat(1_000_000), 'sub/file': 'of the client\n' } },
    }
    const { response, output } = await build(folders, { Type: 'moby', Attrs: { name: 'of-session:1' } })
    expect(output).toContain('of the client')
    const docker = new Docker({ socketPath: sandbox.socket })
    const { Id } = await docker.getImage('of-session:1').inspect()
    docker.modem.destroy()
    expect(response).toMatchObject({
      'containerimage.digest': Id,
      'image.name': 'docker.io/library/of-session:1',
    })
  })

  test('tells a frontend at the client of the configuration of an image', async () => {
    showLogOnFailure(sandbox)
    const channel = new Channel(await upgrade('/grpc'))
    const session = await openSession({})
    const Ref = randomUUID()
    const solving = channel.ask(`${CONTROL}/Solve`, ['SolveRequest', 'SolveResponse'], {
      Ref,
      Session: session.id,
      Internal: true,
    })
    solving.catch(() => undefined)
    const resolve = async (reference: string): Promise<Decoded<'ResolveImageConfigResponse'>> => {
      const names = ['ResolveImageConfigRequest', 'ResolveImageConfigResponse'] as const
      const metadata = { 'buildkit-controlapi-buildid': Ref }
      const call = channel.call(`${BRIDGE}/ResolveImageConfig`, names, metadata)
      await call.send({ Ref: reference, ResolveMode: 'local' })
      call.finish()
      for await (const answer of call.messages) return answer
      throw new Error('no answer')
    }
    const { Digest, Config } = await resolve('docker.io/library/busybox:latest')
    expect(JSON.parse(Buffer.from(Config).toString())).toMatchObject({ os: 'linux', config: { Cmd: ['sh'] } })
    expect(Digest).toBe(`sha256:${createHash('sha256').update(Config).digest('hex')}`)
    await expect(resolve('127.0.0.1:1/nowhere:1')).rejects.toMatchObject({ status: { code: 5 } })
    channel.close()
    session.connection.destroy()
  })

  test('forty at once, of which ten vanish while their files travel, leave nothing', async () => {
    showLogOnFailure(sandbox)
    const descriptors = (): number => readdirSync(`/proc/${sandbox.enginePid()}/fd`).length
    const before = descriptors()
    const results = await Promise.allSettled(
      Array.from({ length: 40 }, (_, number) =>
        build(
          {
            dockerfile: { files: { Dockerfile: DOCKERFILE } },
            context: {
              files: { large: 'y'.repeat(600_000), 'sub/file': `number ${number}\n` },
              ...(number % 4 === 0 ? { stops: 300_000 } : {}),
            },
          },
          { Type: 'moby', Attrs: {} },
        ),
      ),
    )
    for (const [number, result] of results.entries()) {
      expect({ number, status: result.status }).toEqual({
        number,
        status: number % 4 === 0 ? 'rejected' : 'fulfilled',
      })
      if (result.status === 'fulfilled') expect(result.value.output).toContain(`number ${number}\n`)
    }
    await eventually('the connections are closed', () => open.size === 0)
    await eventually('nothing is left open', () => descriptors() <= before)
    const temporary = `${sandbox.env['TSCOMPOSE_ROOT']}/images/tmp`
    await eventually('no half-made thing is left', () =>
      readdirSync(temporary).every(name => readdirSync(`${temporary}/${name}`).length === 0),
    )
  })

  test('connections that are dropped at once, and ones that ask for nothing known, harm nobody', async () => {
    showLogOnFailure(sandbox)
    for (let count = 0; count < 10; count += 1) (await upgrade('/grpc')).destroy()
    const channel = new Channel(await upgrade('/grpc'))
    const wrong = channel.ask(`${CONTROL}/NoSuch`, ['InfoRequest', 'InfoResponse'], {})
    await expect(wrong).rejects.toMatchObject({ status: { code: 12 } })
    const noJob = channel.ask(`${BRIDGE}/Ping`, ['PingRequest', 'PongResponse'], {})
    await expect(noJob).rejects.toMatchObject({ status: { code: 5 } })
    channel.close()
    const plain = request({ socketPath: sandbox.socket, path: '/grpc', method: 'POST' }).end()
    const status = await new Promise(resolve => plain.once('response', answer => resolve(answer.statusCode)))
    plain.destroy()
    expect(status).toBe(400)
  })

  test('POST /build with version=2 tells of steps as BuildKit does', async () => {
    showLogOnFailure(sandbox)
    sandbox.write('posted/Dockerfile', 'FROM busybox\nRUN echo of the posted\n')
    const docker = new Docker({ socketPath: sandbox.socket })
    const context = { context: `${sandbox.folder}/posted`, src: ['Dockerfile'] }
    const stream = await docker.buildImage(context, { version: '2', t: ['posted:1'] })
    const values = (await text(stream))
      .trim()
      .split('\n')
      .map(line => JSON.parse(line))
    const { Id } = await docker.getImage('posted:1').inspect()
    docker.modem.destroy()
    expect(values.at(-1)).toEqual({ id: 'moby.image.id', aux: { ID: Id } })
    const told = values
      .filter(({ id }) => id === 'moby.buildkit.trace')
      .flatMap(({ aux }) => codecOf('StatusResponse').decode(Buffer.from(aux, 'base64')).vertexes)
    expect(told.map(({ name }) => name)).toContain('[2/2] RUN echo of the posted')
  })

  /** `POST /build` as releases of the docker CLI send it that have no buildx; its answer. */
  const post = (query: string, body: string | Buffer = ''): Promise<string> =>
    new Promise((resolve, reject) => {
      const headers = { 'X-Registry-Config': Buffer.from('null').toString('base64') }
      const path = `/v1.41/build?version=2&dockerfile=&ulimits=null&rm=1&${query}`
      const asked = request({ socketPath: sandbox.socket, path, method: 'POST', headers }, answer =>
        text(answer).then(resolve, reject),
      )
      asked.once('error', reject).end(body)
    })

  test('POST /build takes its context from a session, or from a request of its own; with q it tells the id alone', async () => {
    showLogOnFailure(sandbox)
    const session = await openSession({
      dockerfile: { files: { Dockerfile: DOCKERFILE } },
      context: { files: { large: 'z', 'sub/file': 'of the session\n' } },
    })
    const told = await post(`remote=client-session&session=${session.id}&t=of-session:2`)
    expect(told).toContain('moby.image.id')
    const id = /sha256:[0-9a-f]{64}/.exec(told.slice(told.indexOf('moby.image.id')))?.[0]
    expect(JSON.parse(await post(`remote=client-session&session=${session.id}&q=1`))).toEqual({
      stream: `${id}\n`,
    })
    sandbox.write('sent/Dockerfile', 'FROM busybox\nRUN echo of the sent\n')
    const archive = execFileSync('tar', ['-c', '-C', `${sandbox.folder}/sent`, '.'])
    const query = `remote=upload-request&session=${session.id}`
    const [sent, built] = await Promise.all([
      post('buildid=upload-request:sent', archive),
      post(`${query}&buildid=sent`),
    ])
    expect(sent).toBe('')
    expect(built).toContain('moby.image.id')
    // A build that ends before it has read its context lets the request go that has brought it.
    const [, failed] = await Promise.all([
      post('buildid=upload-request:bad', Buffer.alloc(1_000_000, 1)),
      post(`${query}&buildid=bad`),
    ])
    expect(failed).toContain('CONTEXT_UNREADABLE')
    session.connection.destroy()
  })
})

/** The output of the commands of a build, and an end with its status. */
async function outputOf(messages: AsyncIterable<Decoded<'StatusResponse'>>): Promise<string> {
  let output = ''
  for await (const { logs } of messages) for (const { msg } of logs) output += Buffer.from(msg).toString()
  return output
}

interface Serving {
  readonly paths: readonly string[]
  readonly send: (packet: Encodable<'Packet'>) => void
  readonly leave: () => void
}

/** A transfer of fsutil's, as its sender. */
async function serveFolder(stream: Duplex, folder: Folder, { paths, send, leave }: Serving): Promise<void> {
  const names = Object.keys(folder.files).filter(name => paths.length === 0 || paths.includes(name))
  const folders = [...new Set(names.flatMap(name => (name.includes('/') ? [name.split('/')[0] ?? ''] : [])))]
  const all = [...folders, ...names].sort()
  for (const path of all) {
    const isFolder = folders.includes(path)
    const size = isFolder ? 0 : Buffer.byteLength(folder.files[path] ?? '')
    const mode = isFolder ? 0x80000000 + 0o755 : 0o644
    send({ stat: { path: Buffer.from(path), mode, size, modTime: 1_700_000_000_123_456_800 } })
  }
  send({})
  try {
    for await (const bytes of messagesIn(stream, 1_000_000)) {
      const { type, ID } = codecOf('Packet').decode(bytes)
      if (type === 3) {
        send({ type: 3 })
        stream.end()
        return
      }
      const content = Buffer.from(folder.files[all[ID] ?? ''] ?? '')
      for (let at = 0; at < content.length; at += 32_768) {
        if (folder.stops !== undefined && at >= folder.stops) return leave()
        send({ type: 2, ID, data: content.subarray(at, at + 32_768) })
      }
      send({ type: 2, ID })
    }
  } catch {
    // The engine has broken the transfer off.
  }
}
