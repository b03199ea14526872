import { RegistryClient, type RegistryClientOptions } from '../image/registry/index.ts'
import type { RemoteLoader } from '../parser/index.ts'
import { RemoteCache } from './cache.ts'
import { fetchGit } from './git/fetch.ts'
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
