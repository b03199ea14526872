import { createHash, randomBytes } from 'node:crypto'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { createConnection, type Socket } from 'node:net'
import { buffer, text } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Container, Docker } from '../../../src/client/index.ts'
import { type PackedEntry, packTar, plainEntry } from '../../../src/tar/index.ts'
import { requires, root } from '../../requires.ts'
import { eventually } from '../harness/eventually.ts'
import { makeSandbox, type Sandbox } from '../harness/sandbox.ts'

// Content of large files is taken from the client's connection by the native program, whatever the client does on it.
requires(root).describe('large files that are put into a container', () => {
  const MEGABYTE = 1024 * 1024
  const first = randomBytes(9 * MEGABYTE + 3)
  const second = randomBytes(17 * MEGABYTE + 511)
  let sandbox: Sandbox
  let container: Container
  let idle: Container
  let tar: Buffer

  beforeAll(async () => {
    sandbox = makeSandbox()
    await sandbox.busybox()
    await sandbox.hold()
    const docker = new Docker({ socketPath: sandbox.socket })
    const options = { Image: 'busybox', Cmd: ['sleep', 'infinity'] }
    container = await docker.createContainer({ ...options, name: 'up' })
    await container.start()
    idle = await docker.createContainer({
      ...options,
      name: 'idle',
      HostConfig: { Binds: ['large:/v'], AutoRemove: false },
    })
    tar = await buffer(packTar(files('')))
  })
  afterAll(() => sandbox.close())

  function* files(folder: string): Generator<PackedEntry> {
    const small = (name: string): { name: string; content: Buffer } => ({
      name: `${folder}${name}`,
      content: Buffer.from(`${name}\n`),
    })
    const all = [small('a'), { name: `${folder}first`, content: first }, small('b'), small('c')]
    for (const { name, content } of [...all, { name: `${folder}second`, content: second }, small('d')])
      yield {
        entry: plainEntry({ type: 'file', name, mode: 0o640, size: content.length }),
        content,
      }
  }

  const connect = async (name: string, headers: string): Promise<Socket> => {
    const socket = createConnection(sandbox.socket)
    socket.on('error', () => undefined)
    socket.write(`PUT /v1.47/containers/${name}/archive?path=/ HTTP/1.1\r\nHost: x\r\n${headers}\r\n\r\n`)
    return socket
  }
  const CHUNKED = 'Transfer-Encoding: chunked'
  const statusOf = async (socket: Socket): Promise<number> =>
    Number((await text(socket).catch(() => '')).split(' ')[1] ?? '0')
  const sums = async (of: Container, ...names: string[]): Promise<string[]> => {
    const all: string[] = []
    for (const name of names) {
      const content = await buffer(await of.getArchive({ path: `/${name}` }))
      const size = Number.parseInt(content.toString('latin1', 124, 135), 8)
      all.push(digest(content.subarray(512, 512 + size)))
    }
    return all
  }
  const digest = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex')
  const wanted = [Buffer.from('a\n'), first, Buffer.from('b\n'), second, Buffer.from('d\n')].map(digest)
  const NAMES = ['a', 'first', 'b', 'second', 'd']
  /** Bytes that the engine itself has read from anywhere. */
  const readByEngine = (): number =>
    Number(/rchar: (\d+)/.exec(readFileSync(`/proc/${sandbox.enginePid()}/io`, 'utf8'))?.[1])
  /** What works for the engine at the moment, beside who bears the others. */
  const workers = (): string[] => {
    const spawner = readFileSync(
      `/proc/${sandbox.enginePid()}/task/${sandbox.enginePid()}/children`,
      'utf8',
    ).trim()
    return readdirSync('/proc').filter(pid => {
      try {
        const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
        return stat.split(') ')[1]?.split(' ')[1] === spawner.split(' ')[0]
      } catch {
        return false
      }
    })
  }

  test('arrive to the byte, and hardly any byte of them passes through the engine', async () => {
    const before = readByEngine()
    await container.putArchive(tar, { path: '/' })
    expect(readByEngine() - before).toBeLessThan(4 * MEGABYTE)
    expect(await sums(container, ...NAMES)).toEqual(wanted)
  })

  test('arrive in chunks of any size, with lines that come in pieces and say more than a size', async () => {
    const socket = await connect('up', CHUNKED)
    const answered = statusOf(socket)
    for (let at = 0, round = 0; at < tar.length; round += 1) {
      const size = [1, 7, 300_000, 32_768, 2_000_000][round % 5] ?? 1
      const chunk = tar.subarray(at, at + size)
      at += chunk.length
      const line = `${chunk.length.toString(16)}${round % 3 === 0 ? ';what=ever' : ''}\r\n`
      socket.write(line.slice(0, 1))
      // In pieces of their own.
      await new Promise(resolve => setImmediate(resolve))
      socket.write(line.slice(1))
      socket.write(chunk)
      if (!socket.write('\r\n')) await new Promise(resolve => socket.once('drain', resolve))
    }
    socket.write('0\r\n\r\n')
    expect(await answered).toBe(200)
    expect(await sums(container, ...NAMES)).toEqual(wanted)
  })

  test('of a client that ends a chunk before it begins the next are left to who takes them', async () => {
    const { State } = await container.inspect()
    const written = (): number => {
      try {
        return statSync(`/proc/${State.Pid}/root/slow`).size
      } catch {
        return 0
      }
    }
    const content = randomBytes(9 * MEGABYTE)
    const entry = plainEntry({ type: 'file', name: 'slow', mode: 0o640, size: content.length })
    const whole = await buffer(packTar([{ entry, content }]))
    const before = readByEngine()
    const socket = await connect('up', CHUNKED)
    const answered = statusOf(socket)
    for (let at = 0; at < whole.length; ) {
      const chunk = whole.subarray(at, at + (at === 0 ? MEGABYTE / 16 : MEGABYTE))
      socket.write(`${chunk.length.toString(16)}\r\n`)
      socket.write(Buffer.concat([chunk, Buffer.from('\r\n')]))
      at += chunk.length
      const came = Math.min(at - 512, content.length)
      await eventually('what was sent is in the file', () => written() >= came)
    }
    socket.write('0\r\n\r\n')
    expect(await answered).toBe(200)
    expect(readByEngine() - before).toBeLessThan(MEGABYTE / 2)
    expect(await sums(container, 'slow')).toEqual([digest(content)])
  })

  test('arrive in a container that does not run, and in its volume', async () => {
    await idle.putArchive(await buffer(packTar([...files(''), ...files('v/')])), { path: '/' })
    expect(await sums(idle, ...NAMES)).toEqual(wanted)
    expect(await sums(idle, ...NAMES.map(name => `v/${name}`))).toEqual(wanted)
  })

  test('of a client that waits in the middle are there as far as they came, and those who ask meanwhile are answered', async () => {
    const socket = await connect('up', `Content-Length: ${tar.length}`)
    const answered = statusOf(socket)
    const half = 6 * MEGABYTE
    socket.write(tar.subarray(0, half))
    await someOfIt()
    socket.write(tar.subarray(half))
    expect(await answered).toBe(200)
    expect(await sums(container, ...NAMES)).toEqual(wanted)
  })

  test.each([
    '',
    '\r\nzz\r\n',
  ])('of a client that goes, or sends no chunk (%j), end, and leave nobody waiting', async end => {
    const before = workers()
    const socket = await connect('up', CHUNKED)
    const answered = statusOf(socket)
    socket.write(`${(6 * MEGABYTE).toString(16)}\r\n`)
    socket.write(tar.subarray(0, 6 * MEGABYTE))
    await someOfIt()
    if (end === '') socket.destroy()
    else {
      socket.write(end)
      expect(await answered).toBe(400)
    }
    await eventually('nobody works for it any more', () => workers().every(pid => before.includes(pid)))
    await container.putArchive(tar, { path: '/' })
    expect(await sums(container, ...NAMES)).toEqual(wanted)
  })

  test('of an engine that is killed leave nobody waiting', async () => {
    const before = workers()
    const socket = await connect('up', `Content-Length: ${tar.length}`)
    socket.write(tar.subarray(0, 6 * MEGABYTE))
    await someOfIt()
    const takers = (): string[] => workers().filter(pid => !before.includes(pid))
    await eventually('nobody but who takes it works', () => takers().length === 1)
    const taking = takers()
    process.kill(sandbox.enginePid() ?? 0, 'SIGKILL')
    await eventually('nobody works for it any more', () =>
      taking.every(pid => !readdirSync('/proc').includes(pid)),
    )
    socket.destroy()
    await sandbox.ok('ls')
    expect((await run('echo on')).output).toBe('on\n')
  })

  const someOfIt = (): Promise<unknown> =>
    eventually('some of the file is there', async () => {
      const { output } = await run('stat -c %s /first')
      return Number(output) > 5 * MEGABYTE && Number(output) < 6.1 * MEGABYTE
    })
  const run = async (script: string): Promise<{ readonly output: string }> => {
    const exec = await container.exec({ Cmd: ['sh', '-c', script], AttachStdout: true, Tty: true })
    const stream = await exec.start({ hijack: true, stdin: false, Tty: true })
    return { output: (await text(stream)).replaceAll('\r', '') }
  }
})
