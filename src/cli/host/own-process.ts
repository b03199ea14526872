import { resolve } from 'node:path'
import type { BeginningCommand } from '../command.ts'
import { OwnFiles } from './own-files.ts'

/** Paths that mean another file to another process, wherever in a word they stand. */
const OWN_FILES = /\/dev\/(?:fd|std|tty|pts|console)|\/proc\/(?:self|thread-self)/

/** Variables that Node takes up when it starts. */
const AT_START = /^(?:NODE_(?!ENV$)|TZ$)/

/**
 * Whether a command needs a process of its own for what it is given, whichever command it is; what files name that it reads is found
 * when they are opened (`opened-files.ts`).
 */
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
    // It is written when all has been done.
    env['TSCOMPOSE_TRACE'] ?? '',
  ]
  const own = new OwnFiles()
  const names = new Set(
    [...Object.keys(env), ...Object.keys(startedWith)].filter(name => AT_START.test(name)),
  )
  return (
    !env['HOME'] ||
    !!env['DOCKER_HOST'] ||
    // It is read to its end by a call that waits.
    files.includes('-') ||
    [...names].some(name => env[name] !== startedWith[name]) ||
    [...files, ...words].some(text => OWN_FILES.test(text) || isOwn(own, cwd, text))
  )
}

function listOf(text: string | undefined, env: Readonly<Record<string, string | undefined>>): string[] {
  return (text ?? '').split(/[,:]/).concat((text ?? '').split(env['COMPOSE_PATH_SEPARATOR'] || ':'))
}

/** Whether it is a path of a file that is not for another process to open. */
function isOwn(own: OwnFiles, cwd: string, word: string): boolean {
  const path = word.replace(/^--?[\w-]+=/, '')
  return path !== '' && own.at(resolve(cwd, path)) !== 'plain'
}
