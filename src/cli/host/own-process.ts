import { statSync } from 'node:fs'
import { resolve } from 'node:path'
import type { BeginningCommand } from '../command.ts'

/** Paths that mean another file to another process. */
const OWN_FILES = /\/dev\/(?:fd|std|tty|pts|console)|\/proc\/(?:self|thread-self)/

/** Variables that Node takes up when it starts. */
const AT_START = /^(?:NODE_(?!ENV$)|TZ$)/

/** Whether a command needs a process of its own for what it is given, whichever command it is. */
export function needsOwnProcess(
  { cwd, env, globals }: BeginningCommand,
  words: readonly string[],
  startedWith: Readonly<Record<string, string | undefined>>,
): boolean {
  const files = [
    ...globals.files,
    ...globals.envFiles,
    ...listOf(env['COMPOSE_FILE'], env),
    ...listOf(env['COMPOSE_ENV_FILES'], env),
  ]
  const names = new Set(
    [...Object.keys(env), ...Object.keys(startedWith)].filter(name => AT_START.test(name)),
  )
  return (
    !env['HOME'] ||
    !!env['DOCKER_HOST'] ||
    // It is read to its end by a call that waits.
    files.includes('-') ||
    [...names].some(name => env[name] !== startedWith[name]) ||
    [...files, ...words].some(text => OWN_FILES.test(text) || isPipe(cwd, text))
  )
}

function listOf(text: string | undefined, env: Readonly<Record<string, string | undefined>>): string[] {
  return (text ?? '').split(/[,:]/).concat((text ?? '').split(env['COMPOSE_PATH_SEPARATOR'] || ':'))
}

/** Opening it waits for whoever writes to it, and nothing could end that but the end of the process. */
function isPipe(cwd: string, word: string): boolean {
  const path = word.replace(/^--?[\w-]+=/, '')
  if (path === '' || path.includes('\0')) return false
  try {
    return statSync(resolve(cwd, path), { throwIfNoEntry: false })?.isFIFO() === true
  } catch {
    return false // no path, or none that we may look at: the command says so itself
  }
}
