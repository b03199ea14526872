import { type ChildProcess, spawn } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { expect, onTestFailed } from 'vitest'
import { leaveToEnd, readEnginePid } from './ending-engines.ts'
import { eventually } from './eventually.ts'
import { holdEngine } from './hold-engine.ts'

const BIN = resolve('bin/tscompose')
const BUSYBOX = ['/bin/busybox', '/usr/bin/busybox'].find(path => existsSync(path)) ?? '/bin/busybox'

/** What a finished command left. */
export interface Result {
  readonly status: number
  readonly stdout: string
  readonly stderr: string
}

/** An engine of its own: root, run folder and project folder below one temporary folder. */
export interface Sandbox {
  readonly folder: string
  readonly env: Readonly<Record<string, string>>
  readonly socket: string
  /** Runs `tscompose` in the project folder to its end, whatever its status. */
  run(...args: string[]): Promise<Result>
  /** The same, and throws unless the status is 0. */
  ok(...args: string[]): Promise<Result>
  /** Starts `tscompose` and returns at once. */
  start(...args: string[]): Running
  /** Writes a file of the project folder. */
  write(path: string, text: string): void
  /** Makes the image `busybox` from the host's static binary: a Dockerfile `FROM scratch`. */
  busybox(): Promise<void>
  /** Pid of the running engine, if one runs. */
  enginePid(): number | undefined
  /** Kills the engine, which must run, and waits until it is gone. */
  killEngine(): Promise<void>
  /** Keeps the engine up, which ends when nobody needs it, until the sandbox is closed or what is returned is called. */
  hold(): Promise<() => void>
  /**
   * Takes everything down. The engine ends by itself a second or two later, and its folder goes: that it did is seen when all
   * tests are over, or here where `until` says so.
   */
  close(until?: 'ended'): Promise<void>
}

export interface Running {
  readonly child: ChildProcess
  readonly output: { stdout: string; stderr: string }
  readonly ended: Promise<Result>
}

/** Makes a sandbox; `close` it in afterEach/afterAll. */
export function makeSandbox(
  options: { readonly root?: string; readonly env?: Readonly<Record<string, string>> } = {},
): Sandbox {
  const folder = mkdtempSync(join(tmpdir(), 'tscompose-e2e-'))
  const project = join(folder, 'project')
  mkdirSync(project)
  const env = {
    PATH: process.env['PATH'] ?? '/usr/sbin:/usr/bin:/sbin:/bin',
    HOME: folder,
    TSCOMPOSE_ROOT: options.root ?? join(folder, 'root'),
    TSCOMPOSE_RUN: join(folder, 'run'),
    // The tests can be run with a process for each command.
    ...given('TSCOMPOSE_COLD'),
    ...options.env,
  }
  const start = (...args: string[]): Running => spawnCommand(project, env, args)
  const run = (...args: string[]): Promise<Result> => start(...args).ended
  const socket = join(env.TSCOMPOSE_RUN, 'engine.sock')
  let release = (): void => undefined
  const sandbox: Sandbox = {
    folder: project,
    env,
    socket,
    start,
    run,
    ok: async (...args) => {
      const result = await run(...args)
      if (result.status !== 0)
        throw new Error(
          `tscompose ${args.join(' ')}: status ${result.status}\n${result.stdout}${result.stderr}`,
        )
      return result
    },
    write: (path, text) => {
      const target = join(project, path)
      mkdirSync(dirname(target), { recursive: true })
      writeFileSync(target, text)
    },
    busybox: () => buildBusybox(folder, env),
    enginePid: () => readEnginePid(env.TSCOMPOSE_RUN),
    killEngine: () => killEngine(env.TSCOMPOSE_RUN),
    hold: async () => {
      release = await holdEngine(socket)
      return release
    },
    close: until => {
      release()
      return closeSandbox(folder, project, env, until)
    },
  }
  return sandbox
}

/** Variables of this process, as far as they are set. */
function given(...names: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    names.flatMap(name => (process.env[name] ? [[name, process.env[name] ?? '']] : [])),
  )
}

function spawnCommand(cwd: string, env: Readonly<Record<string, string>>, args: readonly string[]): Running {
  const child = spawn(BIN, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] })
  const output = { stdout: '', stderr: '' }
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output.stdout += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    output.stderr += text
  })
  const ended = new Promise<Result>(settle => {
    child.on('close', (code, signal) => settle({ status: code ?? (signal ? 128 : 1), ...output }))
  })
  return { child, output, ended }
}

/** Builds from a folder of its own, so that the tests' project folders hold nothing but what they write. */
async function buildBusybox(folder: string, env: Readonly<Record<string, string>>): Promise<void> {
  const context = join(folder, 'busybox')
  mkdirSync(context, { recursive: true })
  copyFileSync(BUSYBOX, join(context, 'busybox'))
  writeFileSync(
    join(context, 'Dockerfile'),
    'FROM scratch\nCOPY busybox /bin/busybox\nRUN ["/bin/busybox", "--install", "-s", "/bin"]\nRUN mkdir -p /etc /tmp /root && echo root:x:0:0:root:/root:/bin/sh > /etc/passwd\nCMD ["sh"]\n',
  )
  writeFileSync(join(context, 'compose.yaml'), 'services: {busybox: {build: ., image: busybox}}\n')
  const result = await spawnCommand(context, env, ['build']).ended
  if (result.status !== 0) throw new Error(`building busybox: ${result.stdout}${result.stderr}`)
}

async function killEngine(run: string): Promise<void> {
  const pid = readEnginePid(run)
  // A kill of 0 would be one of ourselves.
  if (pid === undefined) throw new Error('no engine runs')
  process.kill(pid, 'SIGKILL')
  await eventually('the engine is gone', () => readEnginePid(run) !== pid)
}

async function closeSandbox(
  folder: string,
  project: string,
  env: Readonly<Record<string, string>>,
  until: 'ended' | undefined,
): Promise<void> {
  const { cleanAll } = await import('./clean.ts')
  await cleanAll(project, env)
  const run = env['TSCOMPOSE_RUN'] ?? ''
  if (until === 'ended') await eventually('the engine ends by itself', () => readEnginePid(run) === undefined)
  leaveToEnd({ folder, run, test: expect.getState().testPath ?? '' })
}

/** Shows the engine's log when the current test fails. */
export function showLogOnFailure(sandbox: Sandbox): void {
  onTestFailed(() => {
    const path = join(sandbox.env['TSCOMPOSE_RUN'] ?? '', 'engine.log')
    if (existsSync(path)) process.stderr.write(`engine.log:\n${readFileSync(path, 'utf8')}\n`)
  })
}

/** A TCP port that is free on this host now. */
export function freePort(): Promise<number> {
  return new Promise((settle, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => settle(typeof address === 'object' && address ? address.port : 0))
    })
  })
}
