import { mkdir, realpath } from 'node:fs/promises'
import { dirname } from 'node:path'
import { errnoOf } from '../diagnostics/index.ts'
import { writeFileAtomic } from '../linux/atomic-file.ts'
import { whileLocked } from './config-lock.ts'
import { runTool, TOKEN_USER, toolFailed } from './credential-tool.ts'
import {
  configName,
  credentialTool,
  type DockerConfig,
  dockerConfigPath,
  type RegistryCredentials,
  readDockerConfig,
} from './credentials.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** Where credentials went. */
export interface Kept {
  /** The file, or the program `docker-credential-<tool>`, that has them. */
  readonly by: { readonly file: string } | { readonly tool: string }
}

/**
 * Keeps credentials as `docker login` does: a credential helper is given them where Docker's configuration names one, else they
 * stand in it in base64, readable by their owner alone. Raises CREDENTIAL_TOOL_MISSING, CREDENTIAL_TOOL_FAILED,
 * DOCKER_CONFIG_UNREADABLE, DOCKER_CONFIG_BUSY.
 */
export async function keepCredentials(
  domain: string,
  credentials: RegistryCredentials,
  env: Environment = process.env,
): Promise<Kept> {
  const registry = configName(domain)
  const path = dockerConfigPath(env)
  const tool = credentialTool(readDockerConfig(path) ?? {}, registry)
  const { username = '', password = '', identitytoken } = credentials
  if (tool === undefined) {
    // With a token the name alone is left: the password has done its work.
    const auth = Buffer.from(`${username}:${identitytoken === undefined ? password : ''}`).toString('base64')
    await change(
      path,
      withEntry(registry, { auth, ...(identitytoken === undefined ? {} : { identitytoken }) }),
    )
    return { by: { file: path } }
  }
  const secret =
    identitytoken === undefined
      ? { Username: username, Secret: password }
      : { Username: TOKEN_USER, Secret: identitytoken }
  const { isOk, output } = await runTool(tool, {
    verb: 'store',
    input: JSON.stringify({ ServerURL: registry, ...secret }),
  })
  if (!isOk) throw toolFailed(tool, output)
  // An empty entry tells Docker that there is a login; a secret of earlier does not stay.
  await change(path, withEntry(registry, {}))
  return { by: { tool } }
}

/** Forgets the credentials for a registry, wherever they are; false when there were none. Raises as `keepCredentials` does. */
export async function forgetCredentials(domain: string, env: Environment = process.env): Promise<boolean> {
  const registry = configName(domain)
  const path = dockerConfigPath(env)
  const config = readDockerConfig(path)
  if (config === undefined) return false
  const tool = credentialTool(config, registry)
  const wasErased = tool !== undefined && (await runTool(tool, { verb: 'erase', input: registry })).isOk
  const names = [registry, `https://${registry}`, `http://${registry}`]
  if (!names.some(name => Object.hasOwn(config.auths ?? {}, name))) return wasErased
  await change(path, current => ({
    ...current,
    auths: Object.fromEntries(Object.entries(current.auths ?? {}).filter(([name]) => !names.includes(name))),
  }))
  return true
}

function withEntry(registry: string, entry: object): (config: DockerConfig) => DockerConfig {
  return config => ({ ...config, auths: { ...config.auths, [registry]: entry } })
}

/** Changes the file as it is then. Written by rename, to where a link leads that somebody made of it. */
async function change(path: string, work: (config: DockerConfig) => DockerConfig): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  await whileLocked(path, async () => {
    const target = await realpath(path).catch((error: unknown) => {
      if (errnoOf(error) === 'ENOENT') return path
      throw error
    })
    const changed = work(readDockerConfig(path) ?? {})
    await writeFileAtomic(target, `${JSON.stringify(changed, undefined, '\t')}\n`)
  })
}
