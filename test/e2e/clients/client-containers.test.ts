import { once } from 'node:events'
import { Socket } from 'node:net'
import { type Duplex, PassThrough, type Readable } from 'node:stream'
import { buffer, text } from 'node:stream/consumers'
import { extract, pack } from 'tar-stream'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { ContainerStats } from '../../../src/api/types/index.ts'
import { type Container, type CreateContainerOptions, Docker } from '../../../src/client/index.ts'
import { eventually } from '../harness/eventually.ts'
import { makeSandbox, type Sandbox, showLogOnFailure } from '../harness/sandbox.ts'

// The client as dockerode's users use it, on our engine: what is done with containers.
let sandbox: Sandbox
let docker: Docker
/** Runs all the time, with a terminal. */
let box: Container

beforeAll(async () => {
  sandbox = makeSandbox()
  docker = new Docker({ socketPath: sandbox.socket })
  await sandbox.busybox()
  await sandbox.hold()
  box = await create({ Cmd: ['sleep', '1000'], Tty: true, HostConfig: { NetworkMode: 'none', Init: true } })
  await box.start()
})
afterAll(async () => {
  for (const { Id } of await docker.listContainers({ all: true }))
    await docker.getContainer(Id).remove({ force: true, v: true })
  docker.modem.destroy()
  await sandbox.close()
})
beforeEach(() => showLogOnFailure(sandbox))

const create = (options: CreateContainerOptions): Promise<Container> =>
  docker.createContainer({ Image: 'busybox', HostConfig: { NetworkMode: 'none' }, ...options })
const ALL = { stream: true, stdin: true, stdout: true, stderr: true } as const

/** Starts it, and gives what its stream brings to the end. */
async function outputOf(container: Container, stream: Duplex): Promise<string> {
  const whole = text(stream)
  await container.start()
  expect(await container.wait()).toEqual({ StatusCode: 0 })
  return whole
}

describe('attach', () => {
  test('brings the output in frames, which are taken apart', async () => {
    const container = await create({ Cmd: ['sh', '-c', 'echo out; echo err >&2'] })
    const stream = await container.attach({ stream: true, stdout: true, stderr: true })
    const [stdout, stderr] = [new PassThrough(), new PassThrough()]
    docker.modem.demuxStream(stream, stdout, stderr)
    const ended = once(stream, 'end')
    await container.start()
    await container.wait()
    await ended
    expect([stdout.read()?.toString(), stderr.read()?.toString()]).toEqual(['out\n', 'err\n'])
  })

  test.each([
    ['a terminal', { Tty: true }, 'wc -c', 1000],
    ['no terminal', {}, 'wc -c', 5000],
  ])('carries stdin to %s over an answer', async (_, options, command, size) => {
    const container = await create({
      Cmd: ['sh', '-c', command],
      OpenStdin: true,
      StdinOnce: true,
      ...options,
    })
    const stream = await container.attach(ALL)
    expect(stream).not.toBeInstanceOf(Socket)
    const whole = text(stream)
    await container.start()
    const isTerminal = 'Tty' in options
    stream.write('x'.repeat(size) + (isTerminal ? '\n\x04' : ''))
    if (!isTerminal) stream.end()
    await container.wait()
    expect((await whole).replaceAll(/[^\d]/g, '')).toBe(String(isTerminal ? size + 1 : size))
  })

  test('with hijack gives a socket, whose end is that of stdin alone', async () => {
    const container = await create({ Cmd: ['cat'], OpenStdin: true, StdinOnce: true, Tty: false })
    const stream = await container.attach({ ...ALL, hijack: true })
    expect(stream).toBeInstanceOf(Socket)
    stream.end('there and back\n')
    expect((await outputOf(container, stream)).slice(8)).toBe('there and back\n')
  })

  test('brings what was written before, with `logs`', async () => {
    const container = await create({ Cmd: ['echo', 'early'], Tty: true })
    await container.start()
    await container.wait()
    const stream = await container.attach({ logs: true, stdout: true, stderr: true })
    expect(await text(stream)).toBe('early\r\n')
  })
})

describe('exec', () => {
  test('runs a command, and knows how it ended', async () => {
    const exec = await box.exec({ Cmd: ['sh', '-c', 'echo $A; exit 3'], Env: ['A=b'], AttachStdout: true })
    expect((await text(await exec.start({}))).slice(8)).toBe('b\n')
    expect(await exec.inspect()).toMatchObject({ Running: false, ExitCode: 3 })
  })

  test('with hijack carries stdin, and its end', async () => {
    const exec = await box.exec({ Cmd: ['cat'], AttachStdin: true, AttachStdout: true })
    const stream = await exec.start({ hijack: true, stdin: true })
    expect(stream).toBeInstanceOf(Socket)
    stream.end('echo\nall\nof\nme\n')
    const frame = await buffer(stream)
    expect([frame[0], frame.readUInt32BE(4), frame.toString('utf8', 8)]).toEqual([
      1,
      15,
      'echo\nall\nof\nme\n',
    ])
  })

  test('has a terminal that can be resized', async () => {
    const exec = await box.exec({
      Cmd: ['sh', '-c', 'read a; stty size'],
      AttachStdin: true,
      AttachStdout: true,
      Tty: true,
    })
    const stream = await exec.start({ hijack: true, stdin: true, Tty: true })
    const whole = text(stream)
    await exec.resize({ h: 33, w: 111 })
    stream.write('\n')
    expect(await whole).toContain('33 111')
  })

  test('by callback, detached, and refused', async () => {
    const exec = await box.exec({ Cmd: ['touch', '/tmp/touched'] })
    const stream = await new Promise<Duplex | undefined>((resolve, reject) => {
      void exec.start({ Detach: true }, (error, result) => (error ? reject(error) : resolve(result)))
    })
    expect(await text(stream ?? new PassThrough().end())).toBe('')
    await eventually('it has run', async () => !(await exec.inspect()).Running)
    const failed = await new Promise(resolve => void docker.getExec('nope').inspect(error => resolve(error)))
    expect(failed).toMatchObject({ statusCode: 404, reason: 'no such exec' })
    await expect(docker.getContainer('nope').exec({ Cmd: ['true'] })).rejects.toMatchObject({
      statusCode: 404,
      reason: 'no such container',
    })
  })
})

describe('a container', () => {
  test('is inspected, with and without its size', async () => {
    expect(await box.inspect()).toMatchObject({ Id: box.id, State: { Running: true } })
    expect(await box.inspect({ size: true })).toHaveProperty('SizeRootFs')
    const told = await new Promise(resolve => void box.inspect((...result) => resolve(result)))
    expect(told).toMatchObject([null, { Id: box.id }])
    const error = await docker
      .getContainer('nope')
      .inspect()
      .catch((failure: unknown) => failure)
    expect(error).toMatchObject({
      statusCode: 404,
      reason: 'no such container',
      json: { message: 'No such container: nope' },
      message: '(HTTP code 404) no such container - No such container: nope ',
    })
  })

  test('is started, stopped, started again, killed, and says when it was so already', async () => {
    const container = await create({
      Cmd: ['sleep', '1000'],
      HostConfig: { NetworkMode: 'none', Init: true },
    })
    expect(await container.start()).toEqual(Buffer.alloc(0))
    await expect(container.start()).rejects.toMatchObject({
      statusCode: 304,
      reason: 'container already started',
    })
    await container.restart({ t: 1 })
    await container.stop({ t: 1 })
    await expect(container.stop()).rejects.toMatchObject({
      statusCode: 304,
      reason: 'container already stopped',
    })
    await container.start()
    await container.kill({ signal: 'SIGKILL' })
    expect(await container.wait()).toEqual({ StatusCode: 137 })
    await container.remove()
    await expect(container.remove()).rejects.toMatchObject({ statusCode: 404 })
  })

  test('is paused, renamed, updated, resized, and waited for', async () => {
    await box.pause()
    expect((await box.inspect()).State.Paused).toBe(true)
    await box.unpause()
    await box.rename({ name: 'renamed' })
    expect((await docker.getContainer('renamed').inspect()).Name).toBe('/renamed')
    await box.update({ CpuShares: 512 })
    expect((await box.inspect()).HostConfig.CpuShares).toBe(512)
    await box.resize({ h: 24, w: 80 })
    const brief = await create({
      Cmd: ['sh', '-c', 'exit 5'],
      HostConfig: { NetworkMode: 'none', AutoRemove: true },
    })
    const gone = brief.wait({ condition: 'removed' })
    await brief.start()
    expect(await gone).toEqual({ StatusCode: 5 })
  })

  test('has processes, changes and a size', async () => {
    expect(await box.top({ ps_args: '-ef' })).toMatchObject({ Titles: expect.arrayContaining(['PID']) })
    await text(await (await box.exec({ Cmd: ['touch', '/tmp/changed'], AttachStdout: true })).start({}))
    expect(await box.changes()).toContainEqual({ Path: '/tmp/changed', Kind: 1 })
    expect(await box.stats({ stream: false })).toMatchObject({ memory_stats: { usage: expect.any(Number) } })
    const stream = await box.stats()
    const [line] = await once(stream, 'data')
    const sample: ContainerStats = JSON.parse(String(line).split('\n')[0] ?? '')
    expect(sample).toHaveProperty('cpu_stats')
    stream.destroy()
  })

  test('has a log: whole, by line, and as it grows', async () => {
    const container = await create({
      Cmd: ['sh', '-c', 'echo one; echo two >&2; sleep 1000'],
      HostConfig: { NetworkMode: 'none', Init: true },
    })
    await container.start()
    await eventually(
      'both lines are there',
      async () => (await container.logs({ stdout: true, stderr: true })).length === 24,
    )
    expect((await container.logs({ stderr: true })).subarray(8).toString()).toBe('two\n')
    const last = await container.logs({ stdout: true, stderr: true, tail: 1, timestamps: true })
    expect(last.subarray(8).toString()).toMatch(/^\d{4}-\S+Z two\n$/)
    const grows = await container.logs({ follow: true, stdout: true, stderr: true })
    const whole = buffer(grows)
    await container.kill()
    expect(await whole).toHaveLength(24)
    await expect(docker.getContainer('nope').logs({ follow: true, stdout: true })).rejects.toMatchObject({
      statusCode: 404,
      json: null,
    })
  })

  test('gives and takes archives, and its whole tree', async () => {
    const archive = pack()
    archive.entry({ name: 'put/file' }, 'text')
    archive.finalize()
    const put = await new Promise(
      resolve =>
        void box.putArchive(archive as unknown as Readable, { path: '/tmp' }, (...told) => resolve(told)),
    )
    expect(put).toEqual([null, Buffer.alloc(0)])
    const info = await box.infoArchive({ path: '/tmp/put/file' })
    expect(Reflect.get(info, 'headers')).toHaveProperty('x-docker-container-path-stat')
    expect(await namesOf(await box.getArchive({ path: '/tmp/put' }))).toEqual(['put/', 'put/file'])
    const exported = await namesOf(await box.export())
    expect(exported).toContain('tmp/put/file')
    expect(exported.filter(name => /^[./]*$/.test(name))).toEqual([])
    await expect(box.getArchive({ path: '/nowhere' })).rejects.toMatchObject({
      statusCode: 404,
      reason: 'no such container',
    })
    await expect(box.putArchive('/nowhere.tar', { path: '/' })).rejects.toMatchObject({ code: 'ENOENT' })
  })

  test('becomes an image', async () => {
    const { Id } = await box.commit({ repo: 'committed', tag: '1', comment: 'c', Env: ['A=b'] })
    expect(await docker.getImage('committed:1').inspect()).toMatchObject({
      Id,
      Comment: 'c',
      Config: { Env: expect.arrayContaining(['A=b']) },
    })
    await docker.getImage('committed:1').remove()
  })

  test('has no checkpoints here', async () => {
    await expect(box.listCheckpoint()).rejects.toMatchObject({ statusCode: expect.any(Number) })
    await expect(box.createCheckpoint({ CheckpointID: 'c' })).rejects.toMatchObject({
      statusCode: expect.any(Number),
    })
    await expect(box.deleteCheckpoint('c')).rejects.toMatchObject({ statusCode: expect.any(Number) })
  })
})

describe('run', () => {
  test('by promise and by callback', async () => {
    const sink = new PassThrough()
    const [data, container] = await docker.run('busybox', ['sh', '-c', 'uname; exit 2'], sink, {
      HostConfig: { NetworkMode: 'none' },
    })
    expect(data).toEqual({ StatusCode: 2 })
    expect(await text(sink)).toBe('Linux\r\n')
    await container.remove()
    const told: string[] = []
    const last = await new Promise<readonly unknown[]>(resolve => {
      const emitter = docker.run(
        'busybox',
        ['true'],
        new PassThrough().resume(),
        { HostConfig: { NetworkMode: 'none', AutoRemove: true } },
        (...result) => resolve(result),
      )
      for (const name of ['container', 'stream', 'start', 'data'] as const)
        emitter.on(name, () => told.push(name))
    })
    expect(last).toMatchObject([null, { StatusCode: 0 }, { id: expect.any(String) }])
    expect(told).toEqual(['container', 'stream', 'start', 'data'])
  })

  test('apart, into two streams', async () => {
    const [stdout, stderr] = [new PassThrough(), new PassThrough()]
    await docker.run('busybox', ['sh', '-c', 'echo out; echo err >&2'], [stdout, stderr], {
      name: 'apart',
      Tty: false,
      HostConfig: { NetworkMode: 'none' },
    })
    await docker.getContainer('apart').remove()
    expect([await text(stdout), await text(stderr)]).toEqual(['out\n', 'err\n'])
  })

  test('of an image that is not there', async () => {
    const last = await new Promise<readonly unknown[]>(
      resolve => void docker.run('no/such:image', [], null, (...result) => resolve(result)),
    )
    expect(last).toMatchObject([{ statusCode: 404, reason: 'no such container' }, null, undefined])
  })
})

async function namesOf(tar: Readable): Promise<string[]> {
  const names: string[] = []
  const reader = tar.pipe(extract())
  for await (const entry of reader) {
    names.push(entry.header.name)
    entry.resume()
  }
  return names
}
