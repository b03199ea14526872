import { execFile } from 'node:child_process'
import { errnoOf, failure } from '../../diagnostics/index.ts'

/** How a run of git ended: its output, or the status and what it said. */
export type GitResult =
  | { readonly ok: true; readonly stdout: string }
  | { readonly ok: false; readonly status: number | undefined; readonly stderr: string }

export interface GitOptions {
  readonly cwd?: string
  readonly env: Readonly<Record<string, string | undefined>>
  readonly timeoutMs: number
  readonly signal?: AbortSignal | undefined
}

/** Longest output that is read: a list of refs may be long. */
const MAX_OUTPUT = 16 * 1024 * 1024

/** Nothing of the repository's or of the user's runs but the transport: no hooks, no watcher, no clean-up in the background. */
const SETTINGS = [
  'core.hooksPath=/dev/null',
  'core.fsmonitor=false',
  'gc.auto=0',
  'maintenance.auto=false',
  'submodule.recurse=false',
  'fetch.recurseSubmodules=false',
]

/** Variables by which git would work on another repository than it is told, as they are set inside of a hook. */
const FOREIGN = [
  'GIT_DIR',
  'GIT_WORK_TREE',
  'GIT_INDEX_FILE',
  'GIT_OBJECT_DIRECTORY',
  'GIT_ALTERNATE_OBJECT_DIRECTORIES',
  'GIT_COMMON_DIR',
  'GIT_NAMESPACE',
  'GIT_TEMPLATE_DIR',
]

/** Runs git without a terminal; raises GIT_MISSING where there is no git, and AbortError. */
export function runGit(args: readonly string[], options: GitOptions): Promise<GitResult> {
  const settings = SETTINGS.flatMap(setting => ['-c', setting])
  return new Promise((resolve, reject) => {
    execFile(
      'git',
      [...settings, ...args],
      {
        ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
        env: environment(options.env),
        timeout: options.timeoutMs,
        maxBuffer: MAX_OUTPUT,
        ...(options.signal === undefined ? {} : { signal: options.signal }),
      },
      (error, stdout, stderr) => {
        if (error === null) resolve({ ok: true, stdout })
        else if (error.name === 'AbortError') reject(error)
        else if (errnoOf(error) === 'ENOENT') reject(missing(error))
        else resolve({ ok: false, ...ending(error, stderr, options.timeoutMs) })
      },
    )
  })
}

function ending(
  error: Error & { readonly code?: unknown; readonly killed?: boolean },
  stderr: string,
  timeoutMs: number,
): { readonly status: number | undefined; readonly stderr: string } {
  const late = error.killed ? `git did not finish within ${timeoutMs / 1000} s\n` : ''
  return {
    status: typeof error.code === 'number' ? error.code : undefined,
    // The server's own words are among them: nothing of it may steer the terminal.
    stderr: `${late}${stderr}`.replace(/[\x00-\x08\x0b-\x1f\x7f-\x9f]/g, '').trim() || error.message,
  }
}

function environment(given: GitOptions['env']): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = { ...given }
  for (const name of FOREIGN) delete env[name]
  return {
    ...env,
    LC_ALL: 'C',
    // Nobody is there to answer: neither on the terminal nor in a window.
    GIT_TERMINAL_PROMPT: '0',
    GIT_ALLOW_PROTOCOL: 'http:https:ssh:git',
    ...(env['GIT_SSH'] || env['GIT_SSH_COMMAND'] ? {} : { GIT_SSH_COMMAND: 'ssh -o BatchMode=yes' }),
  }
}

function missing(cause: Error): Error {
  return failure({
    kind: 'unavailable',
    code: 'GIT_MISSING',
    summary: 'a git repository is named, and there is no git program',
    hint: 'install git',
    cause,
  })
}
