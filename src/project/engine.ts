import { accessSync, constants, existsSync, readdirSync } from 'node:fs'
import type { Socket } from 'node:net'
import { join } from 'node:path'
import { Docker, holdEngine } from '../client/index.ts'
import { errnoOf, failure, messageOf, spans } from '../diagnostics/index.ts'
import { makeFolder } from '../linux/make-folder.ts'
import { noticeOtherBuild } from './engine-build.ts'
import { engineScript, startEngine } from './start-engine.ts'
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

let staysAnyway = false

/** Says that the engine stays for what this thread does, and ends with it: it need not answer before it is asked for anything. */
export function liveInEngine(): void {
  staysAnyway = true
}

/** A connection for which our own engine stays, started where none runs. Errors: NOT_ROOT, ENGINE_START, FD_LIMIT. */
export async function holdOwnEngine(env: Environment): Promise<Socket> {
  const { socket } = statePaths(env)
  const held = await spans.during('connect to the engine', () =>
    holdEngine(socket, staysAnyway ? 'unproven' : undefined),
  )
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
