import type { ChildProcess } from 'node:child_process'
import { accessSync, closeSync, constants, existsSync, openSync, readdirSync } from 'node:fs'
import type { Socket } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Docker, holdEngine } from '../client/index.ts'
import { errnoOf, failure, messageOf, spans } from '../diagnostics/index.ts'
import { makeFolder } from '../linux/make-folder.ts'
import { started } from '../linux/started.ts'
import { buildOf, noticeOtherBuild } from './engine-build.ts'
import { statePaths } from './state-paths.ts'
import type { Environment } from './target.ts'

/** Milliseconds until starting an engine is given up: others may end, or win the lock, in between, on a busy machine too. */
const START_LIMIT = 60_000

/** Milliseconds that another engine is given to listen or to end, and between two looks. */
const HELD_WAIT = 1_000
const HELD_POLL = 20

/**
 * The client of the engine that serves this user: `DOCKER_HOST` where it is set, otherwise our own, started on demand. It
 * stays for as long as the command lives, whatever time passes between calls. Errors: NOT_ROOT, ENGINE_START, FD_LIMIT.
 */
export async function connectEngine(env: Environment): Promise<Docker> {
  if (env['DOCKER_HOST']) return new Docker({ host: env['DOCKER_HOST'], errors: 'own' })
  return new Docker({ socketPath: statePaths(env).socket, held: await holdOwnEngine(env), errors: 'own' })
}

/** A connection for which our own engine stays, started where none runs. Errors: NOT_ROOT, ENGINE_START, FD_LIMIT. */
export async function holdOwnEngine(env: Environment): Promise<Socket> {
  const { socket } = statePaths(env)
  const held = await spans.during('connect to the engine', () => holdEngine(socket))
  if (held === undefined) return spans.during('start the engine', () => startUntilHeld(env, socket))
  await noticeOtherBuild(env, engineScript())
  return held
}

/** Starts an engine, again until one has let us in. Another may end, or win the lock, in between. */
async function startUntilHeld(env: Environment, socket: string): Promise<Socket> {
  for (const end = performance.now() + START_LIMIT; performance.now() < end; ) {
    requireRoot()
    const held = await ((await startEngine(env)) === 'held' ? awaitEngine(socket) : holdEngine(socket))
    if (held) return held
  }
  throw failure({
    code: 'ENGINE_START',
    kind: 'unavailable',
    summary: `the engine does not answer at ${socket}`,
    hint: `see ${join(statePaths(env).run, 'engine.log')}`,
  })
}

/** What is done with the engine, which is let go of at the end: a program that calls us lives on. Errors as of `connectEngine`. */
export async function withEngine<T>(env: Environment, work: (docker: Docker) => Promise<T>): Promise<T> {
  const docker = await connectEngine(env)
  return lettingGo(docker, 'always', () => work(docker))
}

/** Lets go of an engine when a work with it has ended, or only when that has failed: whoever has its outcome does it then. */
export async function lettingGo<T>(
  { modem }: Pick<Docker, 'modem'>,
  when: 'always' | 'on failure',
  work: () => Promise<T>,
): Promise<T> {
  try {
    const outcome = await work()
    if (when === 'always') modem.destroy()
    return outcome
  } catch (error) {
    modem.destroy()
    throw error
  }
}

/**
 * As `connectEngine`, for commands that only look at what runs: undefined where no engine and no monitor is, since nothing runs
 * then, unless nothing can: NOT_ROOT, FOLDER_UNUSABLE. Where monitors are left of an engine that was killed, a new one is started. Of one that dies before it has answered the first
 * call tells (ENGINE_UNREACHABLE).
 */
export async function connectRunningEngine(env: Environment): Promise<Docker | undefined> {
  if (env['DOCKER_HOST']) return new Docker({ host: env['DOCKER_HOST'], errors: 'own' })
  const { socket, root, run } = statePaths(env)
  const held = await holdEngine(socket, 'unproven')
  if (held) {
    await noticeOtherBuild(env, engineScript())
    return new Docker({ socketPath: socket, held, errors: 'own' })
  }
  if (hasEntries(join(run, 'containers'))) return connectEngine(env)
  // Where nothing can ever be kept, "nothing runs" would be the answer to another question.
  for (const folder of [root, run]) checkUsable(folder)
  return undefined
}

/** A folder that is not there yet is made, as an engine would. Errors: FOLDER_UNUSABLE, NOT_ROOT. */
function checkUsable(folder: string): void {
  if (!existsSync(folder)) requireRoot()
  makeFolder(folder, 0o700)
  try {
    accessSync(folder, constants.W_OK)
  } catch (error) {
    requireRoot()
    throw failure({
      code: 'FOLDER_UNUSABLE',
      kind: 'unavailable',
      summary: `the folder "${folder}" cannot be written to: ${messageOf(error)}`,
      cause: error,
    })
  }
}

function hasEntries(folder: string): boolean {
  try {
    return readdirSync(folder).length > 0
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return false
    throw error
  }
}

/** Another engine holds the lock: it is about to listen, or about to end. */
async function awaitEngine(socket: string): Promise<Socket | undefined> {
  for (let waited = 0; waited < HELD_WAIT; waited += HELD_POLL) {
    const held = await holdEngine(socket)
    if (held) return held
    await new Promise(resolve => setTimeout(resolve, HELD_POLL))
  }
  return undefined
}

function requireRoot(): void {
  if (process.getuid?.() === 0) return
  throw failure({
    code: 'NOT_ROOT',
    kind: 'unauthorized',
    summary: 'starting the engine needs root: it makes namespaces, mounts and bridges',
    hint: 'run the command with sudo, or set DOCKER_HOST to use a Docker Engine',
  })
}

/**
 * How an engine has its memory: new objects get 6 MB, not 48. What it makes for a request is garbage soon, and V8 lets it grow to all
 * that there is room for, and stay: in an engine that had pulled, 27 of 29 MB were nothing. Requests take no longer. Pieces of layers are
 * outside of it, and go when it is full.
 */
export const MEMORY: readonly string[] = ['--max-semi-space-size=2']

/**
 * And glibc's: what its dozen threads free stays in the heap of each, so there are two of them, not eight a processor; and pieces of layers
 * have pages of their own, which go back. By itself glibc puts such pieces into its heap once one was freed: 25 MB more in a pull.
 */
const MALLOC = {
  MALLOC_ARENA_MAX: '2',
  MALLOC_MMAP_THRESHOLD_: String(128 * 1024),
  MALLOC_TRIM_THRESHOLD_: String(8 * 1024 * 1024),
}

/** Starts the engine away from this process and waits for its word on fd 3: `ready`, `held`, or why it failed. */
async function startEngine(env: Environment): Promise<'ready' | 'held'> {
  const { run } = statePaths(env)
  makeFolder(run, 0o700)
  // Most commands find an engine that runs, and need neither.
  const [{ spawn }, { text }] = await Promise.all([
    import('node:child_process'),
    import('node:stream/consumers'),
  ])
  const script = engineScript()
  const log = openSync(join(run, 'engine.log'), 'a', 0o600)
  let child: ChildProcess
  try {
    child = started(
      spawn(process.execPath, [...MEMORY, script, 'engine', buildOf(script) ?? ''], {
        detached: true,
        cwd: '/',
        env: engineEnvironment(env),
        stdio: ['ignore', log, log, 'pipe'],
      }),
    )
  } finally {
    closeSync(log)
  }
  child.unref()
  let notBegun = ''
  child.once('error', error => {
    notBegun = messageOf(error)
  })
  const word = (await text(child.stdio[3] as NodeJS.ReadableStream)) || notBegun
  if (word === 'ready' || word === 'held') return word
  throw failure({
    code: 'ENGINE_START',
    kind: 'unavailable',
    summary: word === '' ? 'the engine ended while it started' : `the engine could not start: ${word}`,
    hint: `see ${join(run, 'engine.log')}`,
  })
}

/** bin/start.cjs, which runs the engine; this code is in a file of dist (the library) or of a folder below it. */
function engineScript(): string {
  const paths = ['../../bin/start.cjs', '../bin/start.cjs'].map(path =>
    fileURLToPath(new URL(path, import.meta.url)),
  )
  const path = paths.find(existsSync)
  if (path !== undefined) return path
  throw failure({
    code: 'ENGINE_START',
    summary: `the program that starts the engine is missing at ${paths.join(' and ')}`,
    hint: 'npm run build',
  })
}

/** How registries and archives are reached. */
const PROXIES = ['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY']
const AUTHORITIES = ['SSL_CERT_FILE', 'NODE_EXTRA_CA_CERTS']

/**
 * Variables that the engine needs, and no others: a variable of the first command's shell must not reach containers or
 * the native program by way of the engine.
 */
function engineEnvironment(env: Environment): Record<string, string> {
  const proxies = PROXIES.flatMap(name => [name, name.toLowerCase()])
  const names = [
    'PATH',
    'HOME',
    'LANG',
    'TZ',
    'TSCOMPOSE_NATIVE',
    'TSCOMPOSE_IMAGES_MAX',
    'TSCOMPOSE_KEEP_PACKED',
    'TSCOMPOSE_USERNS',
    'TSCOMPOSE_OWN_CLOCKS',
    'TSCOMPOSE_TRACE',
    ...proxies,
    ...AUTHORITIES,
  ]
  const kept: Record<string, string> = {}
  for (const name of names) {
    const value = env[name]
    if (value !== undefined) kept[name] = value
  }
  // The engine's working folder is another one than this process's.
  const { root, run } = statePaths(env)
  return { ...kept, ...MALLOC, TSCOMPOSE_ROOT: root, TSCOMPOSE_RUN: run }
}
