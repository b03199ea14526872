import { failure } from '../diagnostics/index.ts'
import type { RegistryCredentials } from '../oci/credentials.ts'
import type { Kept } from '../oci/keep-credentials.ts'
import { type Environment, environmentOf, type Target } from './target.ts'

/** Who is to be logged in where. */
export interface LoginRequest {
  /** `ghcr.io`, `localhost:5000`, an address of such; absent: the hub. */
  readonly server?: string
  readonly username: string
  readonly password: string
  readonly signal?: AbortSignal
}

/** A login that a registry has accepted. */
export interface Login extends Kept {
  /** As it stands in names of images. */
  readonly registry: string
}

/**
 * Shows name and password to a registry and keeps them as `docker login` does, for Docker, too. No engine is asked. Raises
 * REGISTRY_UNAUTHORIZED and its like; then nothing was kept.
 */
export async function login(target: Pick<Target, 'env'>, request: LoginRequest): Promise<Login> {
  const { username, password, signal } = request
  const registry = domainOf(request.server)
  const kept = await verify(registry, { username, password }, signal)
  const { keepCredentials } = await import('../oci/keep-credentials.ts')
  return { registry, ...(await keepCredentials(registry, kept, environmentOf(target))) }
}

/** Whether what was kept of an earlier login is still accepted; undefined where nothing was. */
export async function verifyLogin(
  target: Pick<Target, 'env'>,
  request: Pick<LoginRequest, 'server' | 'signal'>,
): Promise<{ readonly registry: string; readonly username: string } | undefined> {
  const registry = domainOf(request.server)
  const known = await storedLogin(registry, environmentOf(target))
  if (known === undefined) return undefined
  await verify(registry, known, request.signal)
  return { registry, username: known.username ?? '' }
}

/** Forgets a login; false where there was none. */
export async function logout(target: Pick<Target, 'env'>, server?: string): Promise<boolean> {
  const { forgetCredentials } = await import('../oci/keep-credentials.ts')
  return forgetCredentials(domainOf(server), environmentOf(target))
}

/** A registry as it stands in names of images, of an address of it. Raises REGISTRY_NAME. */
function domainOf(server: string | undefined): string {
  if (server === undefined || server === '') return 'docker.io'
  const [host = ''] = server.replace(/^https?:\/\//, '').split('/')
  if (!/^(?:[\w.-]+|\[[\da-fA-F:]+\])(?::\d+)?$/.test(host))
    throw failure({
      kind: 'invalidArgument',
      code: 'REGISTRY_NAME',
      summary: `"${server}" is no registry`,
      hint: 'write HOST or HOST:PORT',
    })
  return ['index.docker.io', 'registry-1.docker.io'].includes(host) ? 'docker.io' : host
}

async function storedLogin(registry: string, env: Environment): Promise<RegistryCredentials | undefined> {
  const { dockerCredentials } = await import('../oci/credentials.ts')
  return dockerCredentials(registry, env)
}

async function verify(
  registry: string,
  credentials: RegistryCredentials,
  signal: AbortSignal | undefined,
): Promise<RegistryCredentials> {
  const { logIn } = await import('../image/registry/index.ts')
  return logIn(registry, credentials, signal === undefined ? {} : { signal })
}
