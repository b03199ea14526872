// The engine without a kernel: what it asks of the native program, and what it makes of the answers.
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { ContainerCreateRequest, EventMessage } from '../api/types/index.ts'
import { failure } from '../diagnostics/index.ts'
import { memoryFolder } from '../linux/testing/memory-folder.ts'
import { FakeMonitor, fakeExec, type NativeScript, type RecordingNative } from '../native/index.ts'
import { openWithoutKernel, storeImage } from './engine.test-support.ts'
import type { Engine } from './index.ts'
import { VolumeTable } from './state/volume-table.ts'

let folder: string
let engine: Engine
let native: RecordingNative
let events: EventMessage[]
let warnings: string[]

async function open(script: NativeScript = {}): Promise<void> {
  ;({ engine, native, events, warnings } = await openWithoutKernel(folder, script))
}

beforeEach(async () => {
  folder = memoryFolder('tsc-engine-')
  await storeImage(folder)
  await open()
})
afterEach(async () => {
  vi.restoreAllMocks()
  await engine.close()
  rmSync(folder, { recursive: true, force: true })
})

const NONE: ContainerCreateRequest = { Image: 'app:1', HostConfig: { NetworkMode: 'none' } }
const DISPOSABLE: ContainerCreateRequest = {
  Image: 'app:1',
  HostConfig: { NetworkMode: 'none', AutoRemove: true },
}
const monitor = (): FakeMonitor => {
  const found = [...native.monitors.values()].at(-1)
  if (found === undefined) throw new Error('no monitor was connected')
  return found
}
const stateOf = async (name: string) => (await engine.containers.inspect(name, { size: false })).State
const actions = (): string[] => events.filter(each => each.Type === 'container').map(each => each.Action)

const never = new AbortController().signal

describe('create', () => {
  test('decides everything and starts nothing', async () => {
    await engine.containers.create(NONE, { name: 'web' })
    const web = await engine.containers.inspect('web', { size: false })
    expect(web).toMatchObject({ Name: '/web', Path: 'serve', State: { Status: 'created', Running: false } })
    expect(web.Mounts).toMatchObject([{ Type: 'volume', Destination: '/data' }])
    expect(native.programs('startMonitor')).toEqual([])
    expect(engine.idle()).toBe(true)
  })

  test.each([
    ['no such image', { Image: 'nothing' }, 'IMAGE_NOT_FOUND'],
    ['no such network', { Image: 'app:1', HostConfig: { NetworkMode: 'gone' } }, 'NETWORK_NOT_FOUND'],
    ['an unknown capability', { Image: 'app:1', HostConfig: { CapAdd: ['NOPE'] } }, 'CAPABILITY_UNKNOWN'],
    [
      'a sysctl of the host',
      { Image: 'app:1', HostConfig: { NetworkMode: 'none', Sysctls: { 'kernel.core_pattern': 'x' } } },
      'SYSCTL_NOT_NAMESPACED',
    ],
  ])('refuses %s and leaves nothing', async (_, body, code) => {
    await expect(engine.containers.create(body, { name: 'web' })).rejects.toMatchObject({ code })
    expect(readdirSync(join(folder, 'root/containers'))).toEqual([])
    expect((await engine.volumes.list({ filters: {} })).Volumes).toEqual([])
    await engine.containers.create(NONE, { name: 'web' })
  })

  test('gives a name once', async () => {
    const both = await Promise.allSettled([
      engine.containers.create(NONE, { name: 'web' }),
      engine.containers.create(NONE, { name: 'web' }),
    ])
    expect(both.map(each => each.status).sort()).toEqual(['fulfilled', 'rejected'])
  })
})

describe('a life', () => {
  test('create, start, exit', async () => {
    const { Id } = await engine.containers.create(NONE, { name: 'web' })
    const { result } = await engine.containers.wait(Id, 'next-exit', never)
    await engine.containers.start(Id, {})
    expect(await stateOf('web')).toMatchObject({ Status: 'running', Running: true, Pid: 4242 })
    expect(engine.idle()).toBe(false)
    await expect(engine.containers.start(Id, {})).rejects.toMatchObject({ kind: 'notModified' })

    monitor().exit(3)
    expect(await result).toEqual({ StatusCode: 3 })
    expect(await stateOf('web')).toMatchObject({ Status: 'exited', ExitCode: 3, Running: false })
    await vi.waitFor(() => expect(actions()).toEqual(['create', 'start', 'die']))
    await engine.containers.remove(Id, { force: false, volumes: true, link: false })
    expect(readdirSync(join(folder, 'root/containers'))).toEqual([])
    expect((await engine.volumes.list({ filters: {} })).Volumes).toEqual([])
  })

  test('a restart by the monitor is told, and the container counts as running meanwhile', async () => {
    await engine.containers.create(NONE, { name: 'web' })
    await engine.containers.start('web', {})
    monitor().emitStatus({ phase: 'restarting', pid: 0, exitCode: 1, finishedAt: 5n })
    expect(await stateOf('web')).toMatchObject({ Status: 'restarting', Running: true, ExitCode: 1 })
    monitor().emitStatus({ phase: 'running', pid: 77, startedAt: 6n, restartCount: 1 })
    expect(await stateOf('web')).toMatchObject({ Status: 'running', Pid: 77 })
    expect((await engine.containers.inspect('web', { size: false })).RestartCount).toBe(1)
    await new Promise(setImmediate)
    expect(actions()).toEqual(['create', 'start', 'die', 'start'])
  })

  test('a start that fails is undone and can be tried again', async () => {
    await engine.close()
    let broken = true
    await open({
      startMonitor: () => {
        if (broken) throw failure({ code: 'COMMAND_NOT_FOUND', summary: 'no serve' })
      },
    })
    await engine.containers.create(NONE, { name: 'web' })
    await expect(engine.containers.start('web', {})).rejects.toMatchObject({ code: 'COMMAND_NOT_FOUND' })
    expect(await stateOf('web')).toMatchObject({ Status: 'created', ExitCode: 127, Error: 'no serve' })
    expect(readdirSync(join(folder, 'run/containers'))).toEqual([])
    broken = false
    await engine.containers.start('web', {})
    expect(await stateOf('web')).toMatchObject({ Status: 'running', Error: '' })
  })

  test('stop asks, waits, and kills; the policy is cancelled', async () => {
    await engine.containers.create({ ...NONE, StopSignal: 'SIGQUIT' }, { name: 'web' })
    await engine.containers.start('web', {})
    monitor().onSignal = signal => {
      if (signal === 9) monitor().exit(137)
    }
    await engine.containers.stop('web', { timeout: 0 })
    expect(monitor().signals).toEqual([
      { signal: 3, manual: true },
      { signal: 9, manual: true },
    ])
    expect(await stateOf('web')).toMatchObject({ Status: 'exited', ExitCode: 137 })
    expect(actions()).toEqual(['create', 'start', 'kill', 'kill', 'stop', 'die'])
  })

  test('a bind whose source nobody is to make is refused before there is a container', async () => {
    const bind = (Source: string) => ({
      Image: 'app:1',
      HostConfig: { NetworkMode: 'none', Mounts: [{ Type: 'bind' as const, Source, Target: '/x' }] },
    })
    await expect(
      engine.containers.create(bind(join(folder, 'missing')), { name: 'strict' }),
    ).rejects.toMatchObject({ code: 'BIND_SOURCE_MISSING' })
    await engine.containers.create(bind(folder), { name: 'strict' })
  })

  test('what was made with --rm goes by itself', async () => {
    await engine.containers.create(DISPOSABLE, { name: 'web' })
    const { result } = await engine.containers.wait('web', 'removed', never)
    await engine.containers.start('web', {})
    monitor().exit(4)
    expect(await result).toEqual({ StatusCode: 4 })
    await expect(engine.containers.inspect('web', { size: false })).rejects.toMatchObject({
      kind: 'notFound',
    })
  })

  test('what was made with --rm and has gone a moment ago tells by its id how it ended, and nothing else', async () => {
    const { Id } = await engine.containers.create(DISPOSABLE, { name: 'web' })
    const { result } = await engine.containers.wait(Id, 'removed', never)
    await engine.containers.start(Id, {})
    monitor().exit(4)
    await result
    const late = await engine.containers.wait(Id, 'not-running', never)
    expect(await late.result).toEqual({ StatusCode: 4 })
    await expect(engine.containers.wait('web', 'not-running', never)).rejects.toMatchObject({
      kind: 'notFound',
    })
    await expect(engine.containers.inspect(Id, { size: false })).rejects.toMatchObject({ kind: 'notFound' })
  })

  test('what was made with --rm goes when its start fails too, and who waits for it is told', async () => {
    await engine.close()
    await open({
      startMonitor: () => {
        throw failure({ code: 'COMMAND_NOT_FOUND', summary: 'no serve' })
      },
    })
    await engine.containers.create(DISPOSABLE, { name: 'web' })
    const { result } = await engine.containers.wait('web', 'removed', never)
    await expect(engine.containers.start('web', {})).rejects.toMatchObject({ code: 'COMMAND_NOT_FOUND' })
    expect(await result).toEqual({ StatusCode: 127 })
    expect(readdirSync(join(folder, 'root/containers'))).toEqual([])
    expect((await engine.volumes.list({ filters: {} })).Volumes).toEqual([])
    await vi.waitFor(() => expect(engine.idle()).toBe(true))
  })

  test('whoever waits for a removal that fails is told so', async () => {
    vi.spyOn(VolumeTable.prototype, 'delete').mockImplementation(() => {
      throw new Error('the disk is gone')
    })
    await engine.containers.create(DISPOSABLE, { name: 'web' })
    const { result } = await engine.containers.wait('web', 'removed', never)
    await engine.containers.start('web', {})
    monitor().exit(4)
    const Message = expect.stringContaining('the disk is gone')
    expect(await result).toEqual({ StatusCode: 4, Error: { Message } })
    await vi.waitFor(() => expect(warnings).toEqual(['AUTO_REMOVE']))
  })

  test('a restart keeps what was made with --rm until the run after it ends', async () => {
    await engine.close()
    await open({ connectMonitor: () => new FakeMonitor() })
    await engine.containers.create(DISPOSABLE, { name: 'web' })
    await engine.containers.start('web', {})
    const first = monitor()
    first.onSignal = () => first.exit(0)
    await engine.containers.restart('web', { timeout: 0 })
    expect(await stateOf('web')).toMatchObject({ Status: 'running' })
    const { result } = await engine.containers.wait('web', 'removed', never)
    monitor().exit(4)
    expect(await result).toEqual({ StatusCode: 4 })
    expect(warnings).toEqual([])
  })

  test('a running container is removed only by force', async () => {
    await engine.containers.create(NONE, { name: 'web' })
    await engine.containers.start('web', {})
    const options = { force: false, volumes: false, link: false }
    await expect(engine.containers.remove('web', options)).rejects.toMatchObject({ kind: 'conflict' })
    monitor().onSignal = () => monitor().exit(137)
    await engine.containers.remove('web', { ...options, force: true })
    expect(await engine.containers.list({ all: true, size: false, filters: {} })).toEqual([])
  })

  test('renamed, it is found by its new name only', async () => {
    await engine.containers.create(NONE, { name: 'web' })
    await engine.containers.rename('web', 'site')
    expect((await engine.containers.inspect('site', { size: false })).Name).toBe('/site')
    await expect(engine.containers.inspect('web', { size: false })).rejects.toMatchObject({
      kind: 'notFound',
    })
  })
})

describe('exec', () => {
  test('gives output, then an exit code', async () => {
    await engine.close()
    await open({ exec: () => fakeExec({ exitCode: 5, stdout: 'out', stderr: 'err' }) })
    await engine.containers.create(NONE, { name: 'web' })
    const request = { Cmd: ['x'], AttachStdout: true, AttachStderr: true }
    await expect(engine.exec.create('web', request)).rejects.toMatchObject({ code: 'CONTAINER_NOT_RUNNING' })
    await engine.containers.start('web', {})
    const { Id } = await engine.exec.create('web', request)
    const session = await engine.exec.start(Id, { tty: false })
    const got: string[] = []
    for await (const frame of session.output) got.push(`${frame.stream}:${Buffer.from(frame.bytes)}`)
    expect(got.sort()).toEqual(['stderr:err', 'stdout:out'])
    expect(await engine.exec.inspect(Id)).toMatchObject({ Running: false, ExitCode: 5 })
    await expect(engine.exec.start(Id, { tty: false })).rejects.toMatchObject({ kind: 'conflict' })
  })
})

describe('a new engine', () => {
  test('reads containers and volumes again, and sets aside what it cannot read', async () => {
    const { Id } = await engine.containers.create(NONE, { name: 'web' })
    await engine.volumes.create({ Name: 'vol', Labels: { a: 'b' } })
    await engine.close()
    await open()
    expect((await engine.containers.inspect('web', { size: false })).Id).toBe(Id)
    expect((await engine.volumes.inspect('vol')).Labels).toEqual({ a: 'b' })
    await expect(engine.containers.create(NONE, { name: 'web' })).rejects.toMatchObject({
      code: 'NAME_IN_USE',
    })
  })

  test('removes what was made with --rm and has ended when who waits has come back, not what was never started', async () => {
    await engine.containers.create(DISPOSABLE, { name: 'waits' })
    const { Id } = await engine.containers.create(NONE, { name: 'ended' })
    await engine.containers.start('ended', {})
    monitor().exit(7)
    await engine.close()
    const path = join(folder, 'root/containers', Id, 'record.json')
    writeFileSync(
      path,
      readFileSync(path, 'utf8').replace('"NetworkMode"', '"AutoRemove":true,"NetworkMode"'),
    )
    await open()
    expect(engine.idle()).toBe(false)
    const { result } = await engine.containers.wait('ended', 'removed', new AbortController().signal)
    expect(await result).toEqual({ StatusCode: 7 })
    const left = await engine.containers.list({ all: true, size: false, filters: {} })
    expect(left.flatMap(each => each.Names)).toEqual(['/waits'])
  })

  test('lists what filters ask for', async () => {
    await engine.containers.create({ ...NONE, Labels: { tier: 'front' } }, { name: 'web' })
    await engine.containers.create(NONE, { name: 'db-1' })
    await engine.containers.start('db-1', {})
    const names = async (filters: Record<string, string[]>, all = true): Promise<string[]> =>
      (await engine.containers.list({ all, size: false, filters })).flatMap(each => each.Names).sort()
    expect(await names({})).toEqual(['/db-1', '/web'])
    expect(await names({}, false)).toEqual(['/db-1'])
    expect(await names({ label: ['tier=front'] })).toEqual(['/web'])
    expect(await names({ name: ['^db'] })).toEqual(['/db-1'])
    expect(await names({ status: ['created'] }, false)).toEqual(['/web'])
    await expect(names({ nonsense: ['x'] })).rejects.toMatchObject({ code: 'FILTER_INVALID' })
  })
})

test('nothing that is left shows where an engine was', async () => {
  await engine.close()
  expect(existsSync(join(folder, 'run/engine.lock'))).toBe(false)
})
