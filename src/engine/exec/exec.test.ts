// Commands in a container that runs: what is asked of the native program, and what becomes of what it says.
import { PassThrough } from 'node:stream'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { AttachSession, EventMessage, ExecCreateRequest } from '../../api/types/index.ts'
import { failure } from '../../diagnostics/index.ts'
import type { ExecOptions, ExecSession, NativeScript, Program, RecordingNative } from '../../native/index.ts'
import type { Engine } from '../index.ts'
import { NOTHING, SimulatedMachine } from '../machine.test-support.ts'

let machine: SimulatedMachine
let engine: Engine
let native: RecordingNative
let events: EventMessage[]
let warnings: string[]
let commands: Command[]

/** A command that the test plays. */
class Command implements ExecSession {
  readonly pid = 4243
  readonly program: Program
  readonly options: ExecOptions
  readonly stdin: PassThrough | undefined
  readonly stdout = new PassThrough({ highWaterMark: 1 })
  readonly stderr = new PassThrough()
  readonly sizes: string[] = []
  readonly exited: Promise<{ readonly exitCode: number }>
  end: (exitCode: number) => void = () => undefined
  fail: (error: unknown) => void = () => undefined

  constructor(program: Program, options: ExecOptions) {
    this.program = program
    this.options = options
    this.stdin = options.stdin ? new PassThrough() : undefined
    this.exited = new Promise((resolve, reject) => {
      this.end = exitCode => {
        this.stdout.end()
        this.stderr.end()
        resolve({ exitCode })
      }
      this.fail = error => {
        this.stdout.end()
        this.stderr.end()
        reject(error)
      }
    })
  }

  resize(rows: number, cols: number): void {
    this.sizes.push(`${rows}x${cols}`)
  }

  signal(): void {}
}

async function open(script: NativeScript = {}): Promise<void> {
  commands = []
  const exec = (program: Program, options: ExecOptions): ExecSession => {
    const command = new Command(program, options)
    commands.push(command)
    return command
  }
  ;({ engine, native, events, warnings } = await machine.open({ exec, ...script }))
}

beforeEach(async () => {
  machine = await new SimulatedMachine().prepare()
  await open()
  const body = { Image: 'app:1', Env: ['A=container', 'B=container'], User: '7:8', WorkingDir: '/srv' }
  await engine.containers.create({ ...body, HostConfig: { NetworkMode: 'none' } }, { name: 'web' })
  await engine.containers.start('web', {})
})
afterEach(async () => {
  vi.useRealTimers()
  await machine.end()
})

const BOTH: ExecCreateRequest = { Cmd: ['look', 'around'], AttachStdout: true, AttachStderr: true }
const create = async (request: ExecCreateRequest = BOTH): Promise<string> =>
  (await engine.exec.create('web', request)).Id
const start = (id: string): Promise<AttachSession> => engine.exec.start(id, { tty: false })
const actions = (): string[] =>
  events.map(each => each.Action).filter(action => action.startsWith('exec') || action === 'die')

function last(): Command {
  const command = commands.at(-1)
  if (command === undefined) throw new Error('no command was executed')
  return command
}

async function take({ output }: AttachSession): Promise<string[]> {
  const got: string[] = []
  for await (const { stream, bytes } of output) got.push(`${stream}:${Buffer.from(bytes)}`)
  return got
}

describe('a command', () => {
  test('is asked for, runs, and has ended: each can be seen', async () => {
    const id = await create()
    expect(await engine.exec.inspect(id)).toMatchObject({
      Running: false,
      ExitCode: null,
      Pid: 0,
      CanRemove: false,
    })
    const session = await start(id)
    expect(await engine.exec.inspect(id)).toMatchObject({
      Running: true,
      ExitCode: null,
      Pid: 4243,
      ProcessConfig: { entrypoint: 'look', arguments: ['around'] },
    })
    expect(engine.exec.running).toBe(1)
    last().end(3)
    await take(session)
    expect(await engine.exec.inspect(id)).toMatchObject({
      Running: false,
      ExitCode: 3,
      Pid: 4243,
      CanRemove: false,
    })
    expect(engine.exec.running).toBe(0)
    expect(actions()).toEqual(['exec_create: look around', 'exec_start: look around', 'exec_die'])
    expect(events.at(-1)?.Actor.Attributes).toMatchObject({ execID: id, exitCode: '3' })
  })

  test('that has ended keeps nothing of its streams', async () => {
    setFlagsFromString('--expose-gc')
    const collect: unknown = runInNewContext('gc')
    if (typeof collect !== 'function') throw new Error('no garbage is collected')
    const id = await create()
    await (async () => {
      const session = await start(id)
      last().end(3)
      await take(session)
    })()
    await vi.waitFor(() => expect(engine.exec.running).toBe(0))
    const command = new WeakRef(last())
    commands = []
    await vi.waitFor(() => {
      collect()
      expect(command.deref() === undefined).toBe(true)
    })
    expect(await engine.exec.inspect(id)).toMatchObject({ ExitCode: 3, Pid: 4243 })
  })

  test('has its exit code recorded when its output ends, however late that is told', async () => {
    const id = await create()
    const session = await start(id)
    last().stdout.end('out')
    last().stderr.end()
    const output = take(session)
    await new Promise(setImmediate)
    last().end(4)
    expect(await output).toEqual(['stdout:out'])
    expect((await engine.exec.inspect(id)).ExitCode).toBe(4)
  })

  test('is run once', async () => {
    const id = await create()
    await start(id)
    const again = { code: 'EXEC_STARTED', kind: 'conflict' }
    await expect(start(id)).rejects.toMatchObject(again)
    await expect(engine.exec.startDetached(id, { tty: false })).rejects.toMatchObject(again)
    last().end(0)
    await vi.waitFor(() => expect(engine.exec.running).toBe(0))
    await expect(start(id)).rejects.toMatchObject({ code: 'EXEC_STARTED' })
    expect(commands).toHaveLength(1)
  })

  test.each([
    ['is not there', 'COMMAND_NOT_FOUND', 127],
    ['may not be executed', 'COMMAND_NOT_EXECUTABLE', 126],
    ['cannot join the container', 'NATIVE_FAILED', 128],
  ])('that %s has ended with %s and Docker’s exit code', async (_, code, exitCode) => {
    await engine.close()
    await open({
      exec: () => {
        throw failure({ code, summary: 'no' })
      },
    })
    const id = await create()
    await expect(start(id)).rejects.toMatchObject({ code })
    expect(await engine.exec.inspect(id)).toMatchObject({
      Running: false,
      ExitCode: exitCode,
      CanRemove: false,
    })
    expect(engine.exec.running).toBe(0)
    expect(actions()).toEqual(['exec_create: look around', 'exec_start: look around'])
  })

  test('whose native process was killed has ended with a code of its own, and that is said', async () => {
    const id = await create()
    const session = await start(id)
    last().fail(failure({ code: 'NATIVE_DIED', summary: 'killed' }))
    expect(await take(session)).toEqual([])
    expect((await engine.exec.inspect(id)).ExitCode).toBe(255)
    expect(warnings).toEqual(['NATIVE_DIED'])
  })

  test('is none of a container that is not there, not running, or paused', async () => {
    await expect(engine.exec.create('gone', BOTH)).rejects.toMatchObject({ kind: 'notFound' })
    await expect(create({ Cmd: [] })).rejects.toMatchObject({ code: 'COMMAND_MISSING' })
    const early = await create()
    await engine.containers.pause('web')
    await expect(create()).rejects.toMatchObject({ code: 'CONTAINER_PAUSED' })
    await expect(start(early)).rejects.toMatchObject({ code: 'CONTAINER_PAUSED' })
    await engine.containers.unpause('web')
    await machine.monitors.last.exit(0)
    await vi.waitFor(() => expect(engine.idle()).toBe(true))
    await expect(create()).rejects.toMatchObject({ code: 'CONTAINER_NOT_RUNNING' })
    await expect(engine.exec.inspect('f'.repeat(64))).rejects.toMatchObject({ code: 'EXEC_NOT_FOUND' })
  })

  test('that was asked for and never started is forgotten when the container ends, and no other', async () => {
    const ids = async () => (await engine.containers.inspect('web', { size: false })).ExecIDs
    const [ended, running, ...unstarted] = [await create(), await create(), await create(), await create()]
    const session = await start(ended)
    last().end(3)
    await take(session)
    await start(running)
    await machine.monitors.last.exit(0)
    await vi.waitFor(async () => expect(await ids()).toEqual([running]))
    for (const id of unstarted) {
      const gone = { code: 'EXEC_NOT_FOUND', kind: 'notFound' }
      await expect(engine.exec.inspect(id)).rejects.toMatchObject(gone)
      await expect(engine.exec.prepare(id, { tty: false })).rejects.toMatchObject(gone)
      await expect(start(id)).rejects.toMatchObject(gone)
    }
    expect((await engine.exec.inspect(ended)).ExitCode).toBe(3)
    expect((await engine.exec.inspect(running)).Running).toBe(true)
    expect(commands).toHaveLength(2)
    last().end(0)
    await vi.waitFor(() => expect(engine.idle()).toBe(true))
  })

  test('of a later run is forgotten with that one', async () => {
    await create()
    await machine.monitors.last.exit(0)
    await vi.waitFor(() => expect(engine.idle()).toBe(true))
    await engine.containers.start('web', {})
    const id = await create()
    expect((await engine.exec.inspect(id)).Running).toBe(false)
    await machine.monitors.last.exit(0)
    await vi.waitFor(() => expect(engine.exec.inspect(id)).rejects.toMatchObject({ code: 'EXEC_NOT_FOUND' }))
  })

  test('is listed by its container until it has ended', async () => {
    const ids = async () => (await engine.containers.inspect('web', { size: false })).ExecIDs
    const id = await create()
    expect(await ids()).toEqual([id])
    const session = await start(id)
    last().end(0)
    await take(session)
    expect(await ids()).toBeNull()
  })

  test('keeps the engine until it has ended', async () => {
    const session = await start(await create())
    await machine.monitors.last.exit(0)
    await vi.waitFor(() => expect(machine.traces()).toEqual(NOTHING))
    await new Promise(setImmediate)
    expect(engine.idle()).toBe(false)
    last().end(0)
    await take(session)
    await vi.waitFor(() => expect(engine.idle()).toBe(true))
  })
})

describe('output', () => {
  test('keeps its order within each stream, to the byte', async () => {
    const session = await start(await create())
    const lines = Array.from({ length: 200 }, (_, at) => `${at}\n`)
    const output = take(session)
    for (const line of lines) {
      last().stdout.write(line)
      last().stderr.write(line)
    }
    last().end(0)
    const got = await output
    for (const stream of ['stdout', 'stderr']) {
      const own = got.filter(each => each.startsWith(`${stream}:`)).map(each => each.slice(7))
      expect(own.join('')).toBe(lines.join(''))
    }
  })

  test.each([
    ['stdout', { AttachStdout: true }],
    ['stderr', { AttachStderr: true }],
  ])('is %s alone where nothing else was asked for', async (stream, attached) => {
    const session = await start(await create({ Cmd: ['x'], ...attached }))
    last().stdout.write('text')
    last().stderr.write('text')
    last().end(0)
    expect(await take(session)).toEqual([`${stream}:text`])
  })

  test('of a command whose client takes nothing waits there: the command is held back', async () => {
    const session = await start(await create())
    let written = 0
    const writing = (async () => {
      for (; written < 1000; written++) {
        const { stdout } = last()
        if (!stdout.write('x')) await new Promise(resolve => stdout.once('drain', resolve))
      }
    })()
    await vi.waitFor(() => expect(written).toBeGreaterThan(10))
    await new Promise(resolve => setImmediate(resolve))
    expect(written).toBeLessThan(200)
    const output = take(session)
    await writing
    last().end(0)
    expect((await output).join('')).toBe('stdout:x'.repeat(1000))
  })

  test('of a client that has gone is dropped, its input ends, and the command goes on', async () => {
    const id = await create({ ...BOTH, AttachStdin: true })
    const session = await start(id)
    session.close()
    expect(last().stdin?.writableEnded).toBe(true)
    for (let i = 0; i < 500; i++) last().stdout.write('x')
    await vi.waitFor(() => expect(last().stdout.writableLength).toBe(0))
    expect((await engine.exec.inspect(id)).Running).toBe(true)
    last().end(9)
    await vi.waitFor(async () => expect((await engine.exec.inspect(id)).ExitCode).toBe(9))
  })

  test('of a command that nobody is attached to is dropped, and it has no input', async () => {
    const id = await create({ ...BOTH, AttachStdin: true })
    await engine.exec.startDetached(id, { tty: false })
    expect(last().options.stdin).toBe(false)
    for (let i = 0; i < 500; i++) last().stdout.write('x')
    await vi.waitFor(() => expect(last().stdout.writableLength).toBe(0))
    last().end(2)
    await vi.waitFor(async () => expect((await engine.exec.inspect(id)).ExitCode).toBe(2))
  })

  test('does not wait for input: both go on side by side', async () => {
    const session = await start(await create({ ...BOTH, AttachStdin: true }))
    const { stdin } = last()
    session.stdin?.write('question')
    expect(String(stdin?.read())).toBe('question')
    last().stdout.write('answer')
    last().end(0)
    expect(await take(session)).toEqual(['stdout:answer'])
  })
})

describe('the process', () => {
  const processOf = ({ exec }: Program) => exec?.[0]

  test('joins the first process of the container, known by pid and start time', async () => {
    await start(await create())
    const { pid, pidStartTime } = machine.monitors.last.status
    const joins = JSON.stringify(last().program, (_, value) =>
      typeof value === 'bigint' ? Number(value) : value,
    )
    expect(joins).toContain(`"pid":${pid}`)
    expect(joins).toContain(`"startTime":${pidStartTime}`)
  })

  test('has what the container has, and on top what was asked for', async () => {
    await start(await create({ ...BOTH, Env: ['B=exec', 'C=exec'], WorkingDir: '/tmp' }))
    const process = processOf(last().program)
    expect(process?.argv).toEqual(['look', 'around'])
    expect(process?.env).toEqual(expect.arrayContaining(['A=container', 'B=exec', 'C=exec']))
    expect(process?.env).not.toContain('B=container')
    const text = JSON.stringify(last().program, (_, value) =>
      typeof value === 'bigint' ? Number(value) : value,
    )
    expect(text).toContain('"/tmp"')
    expect(text).not.toContain('"/srv"')
  })

  test('has the size of the terminal that the start names, or else the create', async () => {
    await engine.exec.start(await create({ Cmd: ['x'], Tty: true, ConsoleSize: [10, 20] }), { tty: true })
    expect(last().options).toMatchObject({ tty: true, rows: 10, cols: 20 })
    const size = { height: 30, width: 40 }
    const id = await create({ Cmd: ['x'], Tty: true, ConsoleSize: [10, 20] })
    await engine.exec.start(id, { tty: true, size })
    expect(last().options).toMatchObject({ rows: 30, cols: 40 })
    await engine.exec.resize(id, { height: 5, width: 6 })
    expect(last().sizes).toEqual(['5x6'])
  })

  test('gets the size that was asked for while it was starting, and none after its end', async () => {
    const id = await create({ Cmd: ['x'], Tty: true })
    await engine.exec.resize(id, { height: 5, width: 6 })
    await engine.exec.start(id, { tty: true })
    last().end(0)
    await vi.waitFor(() => expect(engine.exec.running).toBe(0))
    await engine.exec.resize(id, { height: 7, width: 8 })
    expect(last().sizes).toEqual(['5x6'])
  })

  test('of a user by name is looked up in the files that the container has now', async () => {
    await engine.close()
    await open({
      run: ({ outside = [] }) => {
        const at = outside.findIndex(op => op.op === 'readFile' && op.path === '/etc/passwd')
        return at < 0 ? {} : { results: new Map([[at, Buffer.from('ann:x:21:22::/home/ann:/bin/sh\n')]]) }
      },
    })
    await start(await create({ ...BOTH, User: 'ann' }))
    expect(processOf(last().program)?.env).toContain('HOME=/home/ann')
    await expect(create({ ...BOTH, User: 'bob' })).rejects.toMatchObject({ code: 'USER_UNKNOWN' })
  })

  test('of the container’s own user asks no file', async () => {
    const before = native.programs('run').length
    await start(await create())
    expect(native.programs('run')).toHaveLength(before)
  })

  test('joins a container that an earlier engine started just the same', async () => {
    await engine.close()
    await open()
    const session = await start(await create())
    expect(processOf(last().program)?.env).toContain('A=container')
    last().end(6)
    await take(session)
  })
})

describe('what has ended', () => {
  test('can be asked for some minutes long', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout'] })
    const id = await create()
    const session = await start(id)
    last().end(1)
    await take(session)
    vi.advanceTimersByTime(4 * 60_000)
    expect((await engine.exec.inspect(id)).ExitCode).toBe(1)
    vi.advanceTimersByTime(2 * 60_000)
    await expect(engine.exec.inspect(id)).rejects.toMatchObject({ code: 'EXEC_NOT_FOUND' })
  })

  test('makes room for what comes: the oldest is forgotten, what runs is not', async () => {
    const running = await create()
    await start(running)
    const ids: string[] = []
    for (let i = 0; i < 502; i++) {
      const id = await create()
      await engine.exec.startDetached(id, { tty: false })
      last().end(0)
      ids.push(id)
    }
    await vi.waitFor(() => expect(engine.exec.running).toBe(1))
    await expect(engine.exec.inspect(ids[0] ?? '')).rejects.toMatchObject({ code: 'EXEC_NOT_FOUND' })
    expect((await engine.exec.inspect(ids.at(-1) ?? '')).ExitCode).toBe(0)
    expect((await engine.exec.inspect(running)).Running).toBe(true)
  })
})
