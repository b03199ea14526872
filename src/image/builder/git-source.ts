import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { lstat, mkdir, rename, rm } from 'node:fs/promises'
import { join, normalize } from 'node:path'
import { failure } from '../../diagnostics/index.ts'

/** A tree of a git repository that ADD takes. */
export interface GitSource {
  readonly url: string
  /** Branch, tag or commit; the default branch where none is said. */
  readonly ref?: string
  /** Folder in it; empty for the whole. */
  readonly folder: string
  readonly keepGitDir: boolean
}

const COMMIT = /^[0-9a-f]{40}$/
const ENVIRONMENT = { GIT_TERMINAL_PROMPT: '0', GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_GLOBAL: '/dev/null' }
/** Neither programs nor this machine's files are anybody's repository. */
const CAREFUL = [
  '-c',
  'protocol.ext.allow=never',
  '-c',
  'protocol.file.allow=never',
  '-c',
  'core.hooksPath=/dev/null',
]

/** The repository that a source of ADD names: `https://host/x.git#ref:folder`, `git://`, `ssh://`, `git@host:x`; undefined for a file. */
export function gitSourceOf(source: string, keepGitDir: boolean): GitSource | undefined {
  const hash = source.indexOf('#')
  const [address, fragment] = hash === -1 ? [source, ''] : [source.slice(0, hash), source.slice(hash + 1)]
  const [url = '', query] = address.split('?', 2)
  const isGit = /^(?:git|ssh):\/\//.test(url) || /^[a-z0-9_.-]+@[^:/]+:/i.test(url)
  if (!isGit && !(/^https?:\/\//.test(url) && url.endsWith('.git'))) return undefined
  const asked = new URLSearchParams(query ?? '')
  const colon = fragment.indexOf(':')
  const [before, after] =
    colon === -1 ? [fragment, ''] : [fragment.slice(0, colon), fragment.slice(colon + 1)]
  const ref = asked.get('ref') ?? asked.get('branch') ?? asked.get('tag') ?? before
  const keeps = asked.get('keep-git-dir')
  return {
    url,
    ...(ref === '' ? {} : { ref }),
    folder: normalize(`/${asked.get('subdir') ?? after}`).slice(1),
    keepGitDir: keepGitDir || keeps === 'true' || keeps === '1',
  }
}

/** The commit that a source stands for now; one that is a commit already is not asked for. Raises GIT_FAILED. */
export async function commitOf({ url, ref }: GitSource, signal?: AbortSignal): Promise<string> {
  if (ref !== undefined && COMMIT.test(ref)) return ref
  checkWord(url)
  const wanted =
    ref === undefined ? ['HEAD'] : [`refs/heads/${ref}`, `refs/tags/${ref}`, `refs/tags/${ref}^{}`, ref]
  const output = await git(undefined, ['ls-remote', '--', url, ...wanted], signal)
  const found = new Map(
    output.split('\n').flatMap(line => {
      const [commit = '', name] = line.split('\t')
      return name === undefined ? [] : [[name, commit] as const]
    }),
  )
  // A tag's own object is no commit: what it points at is.
  const commit = wanted
    .toSorted((a, b) => Number(b.endsWith('^{}')) - Number(a.endsWith('^{}')))
    .map(name => found.get(name))
    .find(each => each !== undefined)
  if (commit !== undefined) return commit
  throw failure({
    kind: 'notFound',
    code: 'GIT_REF_NOT_FOUND',
    summary: `"${url}" has no "${ref ?? 'HEAD'}"`,
    hint: 'name a branch, a tag or a whole commit',
  })
}

/** Puts a commit's files, those of its submodules too, into a folder that does not exist yet. Raises GIT_FAILED. */
export async function checkOut(
  source: GitSource,
  commit: string,
  into: string,
  signal?: AbortSignal,
): Promise<void> {
  checkWord(source.url)
  const whole = `${into}.git-work`
  await mkdir(whole, { mode: 0o755 })
  try {
    await git(whole, ['init', '--quiet'], signal)
    await git(whole, ['remote', 'add', 'origin', source.url], signal)
    await fetchCommit(whole, source, commit, signal)
    await git(whole, ['checkout', '--quiet', '--detach', commit], signal)
    await git(whole, ['submodule', '--quiet', 'update', '--init', '--recursive', '--depth', '1'], signal)
    if (!source.keepGitDir) await rm(join(whole, '.git'), { recursive: true })
    await takeFolder(whole, source, into)
  } finally {
    await rm(whole, { recursive: true, force: true })
  }
}

/** The commit alone, or, from servers that give out branches and tags alone, all that there is. */
async function fetchCommit(
  folder: string,
  { ref }: GitSource,
  commit: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  try {
    await git(folder, ['fetch', '--quiet', '--depth', '1', 'origin', commit], signal)
  } catch (error) {
    signal?.throwIfAborted()
    if (ref === undefined) throw error
    await git(folder, ['fetch', '--quiet', '--tags', 'origin', '+refs/heads/*:refs/remotes/origin/*'], signal)
  }
}

/** A link on the way would lead out of the repository. */
async function takeFolder(whole: string, { url, folder }: GitSource, into: string): Promise<void> {
  let path = whole
  for (const name of folder.split('/').filter(part => part !== '')) {
    path = join(path, name)
    const stats = await lstat(path).catch(() => undefined)
    if (!stats?.isDirectory())
      throw gitFailed(`"${url}" has no folder "${folder}"`, 'check the part behind the colon')
  }
  await rename(path, into)
}

function checkWord(url: string): void {
  if (url.startsWith('-')) throw gitFailed(`"${url}" is no repository`, 'it begins with a dash')
}

async function git(
  folder: string | undefined,
  args: readonly string[],
  signal?: AbortSignal,
): Promise<string> {
  const program = spawn('git', [...CAREFUL, ...args], {
    ...(folder === undefined ? {} : { cwd: folder }),
    env: { ...process.env, ...ENVIRONMENT },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(signal === undefined ? {} : { signal }),
  })
  let [output, errors] = ['', '']
  program.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text
  })
  program.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors = `${errors}${text}`.slice(-2000)
  })
  const [code] = await ended(program)
  if (code === 0) return output
  throw gitFailed(`git ${args[0]} failed`, errors.trim())
}

async function ended(program: ReturnType<typeof spawn>): Promise<readonly unknown[]> {
  try {
    return await once(program, 'close')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT')
      throw failure({
        code: 'GIT_MISSING',
        summary: 'ADD of a git repository needs the program git',
        hint: 'install it on the machine of the engine',
      })
    throw error
  }
}

function gitFailed(summary: string, detail: string): Error {
  return failure({ kind: 'unavailable', code: 'GIT_FAILED', summary, detail })
}
