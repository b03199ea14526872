import { failure } from '../../diagnostics/index.ts'
import type { GitReference, RemoteFile } from '../../parser/index.ts'
import type { RemoteCache } from '../cache.ts'
import { locate, locateFolder } from '../locate.ts'
import { checkReference, isCommit, withoutPassword } from './reference.ts'
import { type GitOptions, type GitResult, runGit } from './run.ts'

/** What fetching works with. */
export interface GitContext {
  readonly cache: RemoteCache
  readonly env: Readonly<Record<string, string | undefined>>
  readonly signal?: AbortSignal | undefined
}

const LIST_TIMEOUT_MS = 60_000
const FETCH_TIMEOUT_MS = 600_000

/**
 * The Compose file of a repository at a ref, checked out below the cache by its commit: a branch is asked for again each
 * time, a commit that is here is not. Submodules are not fetched, as Docker Compose fetches none.
 */
export async function fetchGit(reference: GitReference, context: GitContext): Promise<RemoteFile> {
  const root = await checkOut(reference, context)
  return locate(root, reference.subdir ?? '', reference)
}

/** The folder that a reference means, for a build context. */
export async function fetchGitFolder(reference: GitReference, context: GitContext): Promise<string> {
  const root = await checkOut(reference, context)
  return locateFolder(root, reference.subdir ?? '', reference)
}

async function checkOut(reference: GitReference, context: GitContext): Promise<string> {
  checkReference(reference)
  const commit = await resolveCommit(reference, context)
  return context.cache.ensure(`git/${commit}`, folder => fill(folder, commit, reference, context))
}

async function resolveCommit(reference: GitReference, context: GitContext): Promise<string> {
  const { repository, ref = 'HEAD' } = reference
  if (isCommit(ref)) return ref
  const args = ['ls-remote', '--exit-code', '--', repository, ref, `${ref}^{}`]
  const listed = await runGit(args, { ...optionsOf(context), timeoutMs: LIST_TIMEOUT_MS })
  if (!listed.ok && listed.status !== 2) throw unreachable(reference, listed)
  const commit = listed.ok ? selectCommit(listed.stdout, ref) : undefined
  if (commit === undefined)
    throw failure({
      kind: 'notFound',
      code: 'GIT_REF_NOT_FOUND',
      summary: `${withoutPassword(repository)} has no "${ref}"`,
      hint: 'name a branch, a tag, or a commit by all its digits',
    })
  return commit
}

async function fill(
  folder: string,
  commit: string,
  reference: GitReference,
  context: GitContext,
): Promise<void> {
  const { repository, ref } = reference
  const options: GitOptions = { ...optionsOf(context), cwd: folder, timeoutMs: FETCH_TIMEOUT_MS }
  const format = commit.length === 64 ? ['--object-format=sha256'] : []
  await demand(reference, ['init', '--quiet', '--template=', ...format], options)
  const fetch = ['fetch', '--quiet', '--depth=1', '--no-tags', '--no-recurse-submodules', '--', repository]
  const fetched = await runGit([...fetch, commit], options)
  // Some servers give out what a ref points to by the ref's name alone.
  if (!fetched.ok)
    await demand(reference, [...fetch, ref === undefined || isCommit(ref) ? commit : ref], options)
  await demand(reference, ['checkout', '--quiet', '--detach', commit, '--'], options)
}

async function demand(reference: GitReference, args: readonly string[], options: GitOptions): Promise<void> {
  const result = await runGit(args, options)
  if (!result.ok) throw unreachable(reference, result)
}

function optionsOf({ env, signal }: GitContext): Pick<GitOptions, 'env' | 'signal'> {
  return { env, signal }
}

function unreachable({ repository }: GitReference, result: GitResult & { readonly ok: false }): Error {
  return failure({
    kind: 'unavailable',
    code: 'REMOTE_UNREACHABLE',
    summary: `cannot reach ${withoutPassword(repository)}`,
    detail: withoutPassword(result.stderr),
    hint: 'check the address, the network, and that git needs no password for it',
  })
}

/**
 * The commit that a ref means in the output of `git ls-remote`, whose patterns also fit longer names: the ref itself, else
 * a branch, else a tag (what an annotated one points to), else whatever ends with it.
 */
export function selectCommit(listing: string, ref: string): string | undefined {
  const commits = new Map<string, string>()
  for (const line of listing.split('\n')) {
    const [id = '', name] = line.split('\t')
    if (name !== undefined) commits.set(name, id)
  }
  const names = [ref, `refs/heads/${ref}`, `refs/tags/${ref}`, `refs/${ref}`]
  const name =
    names.find(candidate => commits.has(candidate)) ??
    [...commits.keys()].find(candidate => candidate.endsWith(`/${ref}`))
  return name === undefined ? undefined : (commits.get(`${name}^{}`) ?? commits.get(name))
}
