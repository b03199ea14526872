import { RegistryClient, type RegistryClientOptions } from '../image/registry/index.ts'
import { parseRemote, type RemoteLoader } from '../parser/index.ts'
import { RemoteCache } from './cache.ts'
import { fetchGit, fetchGitFolder } from './git/fetch.ts'
import { fetchOci } from './oci/fetch.ts'
import { checkSwitch } from './switches.ts'

export interface RemoteLoaderOptions extends RegistryClientOptions {
  /** Folder of what was fetched: `git/<commit>`, `oci/<digest>`. */
  readonly cacheFolder: string
  /** The process environment: git's settings, and COMPOSE_EXPERIMENTAL_GIT_REMOTE and its like. */
  readonly env: Readonly<Record<string, string | undefined>>
}

/** The loader of git repositories, by the program git, and of OCI artefacts, by the registry's API. */
export function createRemoteLoader(options: RemoteLoaderOptions): RemoteLoader {
  const { env, signal } = options
  const cache = new RemoteCache(options.cacheFolder)
  const registry = new RegistryClient(options)
  return {
    fetch: async reference => {
      checkSwitch(reference, env)
      return reference.kind === 'git'
        ? fetchGit(reference, { cache, env, signal })
        : fetchOci(reference, { cache, registry })
    },
  }
}

/**
 * Brings the build context of a git repository here and says in which folder it is; undefined for an address that git
 * does not fetch, such as an archive's.
 */
export async function fetchContext(
  address: string,
  options: Pick<RemoteLoaderOptions, 'cacheFolder' | 'env'>,
): Promise<string | undefined> {
  const reference = parseRemote(address)
  if (reference?.kind !== 'git') return undefined
  return fetchGitFolder(reference, { cache: new RemoteCache(options.cacheFolder), env: options.env })
}
