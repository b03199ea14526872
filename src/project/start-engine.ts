import type { ChildProcess } from 'node:child_process'
import { closeSync, constants, existsSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { errnoOf, failure, messageOf } from '../diagnostics/index.ts'
import { makeFolder } from '../linux/make-folder.ts'
import { started } from '../linux/started.ts'
import { buildOf } from './engine-build.ts'
import { statePaths } from './state-paths.ts'
import type { Environment } from './target.ts'

/**
 * How an engine has its memory: new objects get 24 MB, not 48. What it makes for a request is garbage soon, and V8 lets it grow to all
 * that there is room for, and stays so until the engine empties its heap (`src/cli/idle-heap.ts`). With 6 MB a fifth of what an `up` of a hundred
 * takes of the engine was the collection of garbage. Pieces of layers are outside of it, and go when it is full.
 */
export const MEMORY: readonly string[] = ['--max-semi-space-size=8']

/**
 * And glibc's: what its dozen threads free stays in the heap of each, so there are two of them, not eight a processor; and pieces of layers
 * have pages of their own, which go back. By itself glibc puts such pieces into its heap once one was freed: 25 MB more in a pull.
 */
export const MALLOC: Readonly<Record<string, string>> = {
  MALLOC_ARENA_MAX: '2',
  MALLOC_MMAP_THRESHOLD_: String(128 * 1024),
  MALLOC_TRIM_THRESHOLD_: String(8 * 1024 * 1024),
}

/** Starts the engine away from this process and waits for its word on fd 3: `ready`, `held`, or why it failed. */
export async function startEngine(env: Environment): Promise<'ready' | 'held'> {
  const { run } = statePaths(env)
  makeFolder(run, 0o700)
  // Most commands find an engine that runs, and need neither.
  const [{ spawn }, { text }] = await Promise.all([
    import('node:child_process'),
    import('node:stream/consumers'),
  ])
  const script = engineScript()
  const log = openLog(join(run, 'engine.log'))
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

/** Through no link: where another user could put one, root would write to the file that it names. */
function openLog(path: string): number {
  const { O_WRONLY, O_APPEND, O_CREAT, O_NOFOLLOW } = constants
  try {
    return openSync(path, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW, 0o600)
  } catch (error) {
    if (errnoOf(error) !== 'ELOOP') throw error
    throw failure({
      code: 'ENGINE_START',
      kind: 'unavailable',
      summary: `the engine does not write its log to ${path}, which is a link`,
      hint: 'remove it, and see who else can write to the folder',
    })
  }
}

/** bin/start.cjs, which runs the engine; this code is in a file of dist (the library) or of a folder below it. */
export function engineScript(): string {
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
 * Variables that an engine needs, and no others: a variable of the first command's shell must not reach containers or
 * the native program by way of the engine.
 */
export const KEPT: readonly string[] = [
  'PATH',
  'HOME',
  'LANG',
  'TZ',
  'TSCOMPOSE_NATIVE',
  'TSCOMPOSE_IMAGES_MAX',
  'TSCOMPOSE_KEEP_PACKED',
  'TSCOMPOSE_USERNS',
  'TSCOMPOSE_OWN_CLOCKS',
  'TSCOMPOSE_LOCAL_NAMES',
  'TSCOMPOSE_TRACE',
  ...PROXIES.flatMap(name => [name, name.toLowerCase()]),
  ...AUTHORITIES,
  'TSCOMPOSE_ROOT',
  'TSCOMPOSE_RUN',
]

function engineEnvironment(env: Environment): Record<string, string> {
  const kept: Record<string, string> = {}
  for (const name of KEPT) {
    const value = env[name]
    if (value !== undefined) kept[name] = value
  }
  // The engine's working folder is another one than this process's.
  const { root, run } = statePaths(env)
  return { ...kept, ...MALLOC, TSCOMPOSE_ROOT: root, TSCOMPOSE_RUN: run }
}
