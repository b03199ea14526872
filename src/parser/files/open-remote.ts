import { Failure } from '../../diagnostics/index.ts'
import type { LoadResult, OpenOptions, RemoteFile, RemoteLoader, RemoteProblem } from '../contract.ts'
import { parseRemote } from '../remote/reference.ts'
import { loadUnlessSame } from './loaded-before.ts'
import { openProject } from './open.ts'

/** Rounds of fetching and loading again: a chain of remote files that name further ones is no longer in earnest. */
const MAX_ROUNDS = 32

/**
 * `openProject` for files that may be remote: loads, fetches what is not here yet, and loads again until nothing is
 * missing. A project without remote files is loaded once, and the loader is not asked.
 */
export async function openRemoteProject(options: OpenOptions, loader: RemoteLoader): Promise<LoadResult> {
  const known = new Map<string, RemoteFile | { readonly problem: RemoteProblem }>()
  let input: string | undefined
  const stdin = (): string => {
    input ??= options.stdin?.() ?? ''
    return input
  }
  for (let round = 0; ; round += 1) {
    const given = { ...options, stdin, remote: (reference: string) => known.get(reference) }
    const result = loadUnlessSame(given, openProject)
    if (result.unfetched.length === 0) return result
    const fetching = result.unfetched.map(async reference => {
      known.set(reference, round < MAX_ROUNDS ? await fetchOne(reference, loader) : endless(reference))
    })
    await Promise.all(fetching)
  }
}

async function fetchOne(
  text: string,
  loader: RemoteLoader,
): Promise<RemoteFile | { readonly problem: RemoteProblem }> {
  const reference = parseRemote(text)
  if (reference === undefined) throw new Error(`"${text}" was taken for a remote reference`)
  try {
    return await loader.fetch(reference)
  } catch (error) {
    const [problem] = error instanceof Failure ? error.diagnostics : []
    if (problem === undefined) throw error
    return { problem }
  }
}

function endless(reference: string): { readonly problem: RemoteProblem } {
  return {
    problem: {
      code: 'REMOTE_CHAIN',
      summary: `end the chain of remote files: ${reference} is behind ${MAX_ROUNDS} others`,
    },
  }
}
