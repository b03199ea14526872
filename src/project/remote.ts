import { homedir } from 'node:os'
import { join } from 'node:path'
import type { CredentialSource } from '../oci/credentials.ts'
import type { RemoteLoader } from '../parser/index.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** The loader of remote files, whose code is read only when a project names one. */
export function remoteLoader(env: Environment): RemoteLoader {
  let loading: Promise<RemoteLoader> | undefined
  return {
    fetch: async reference => {
      loading ??= createLoader(env)
      return (await loading).fetch(reference)
    },
  }
}

/** Brings build contexts of git repositories here, for our own engine; a Docker Engine fetches them itself. */
export function contextFetcher(env: Environment): (address: string) => Promise<string | undefined> {
  return async address => {
    const { fetchContext } = await import('../remote/index.ts')
    return fetchContext(address, { cacheFolder: remoteCacheFolder(env), env })
  }
}

/** What `docker login` left for a registry; its code is read only when somebody is to be asked for it. */
export const lazyCredentials: CredentialSource = async domain => {
  const { dockerCredentials } = await import('../oci/credentials.ts')
  return dockerCredentials(domain)
}

/** Where remote files are put: below TSCOMPOSE_ROOT where it is set, else in the user's cache, since reading needs no root. */
function remoteCacheFolder(env: Environment): string {
  const root = env['TSCOMPOSE_ROOT']
  if (root) return join(root, 'remote')
  return join(env['XDG_CACHE_HOME'] || join(env['HOME'] || homedir(), '.cache'), 'tscompose', 'remote')
}

/** Whether a path is below what was brought here. */
export function isRemoteFile(path: string, env: Environment): boolean {
  return path.startsWith(`${remoteCacheFolder(env)}/`)
}

async function createLoader(env: Environment): Promise<RemoteLoader> {
  const { createRemoteLoader } = await import('../remote/index.ts')
  return createRemoteLoader({ cacheFolder: remoteCacheFolder(env), credentials: lazyCredentials, env })
}
