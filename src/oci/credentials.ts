import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { errnoOf, failure } from '../diagnostics/index.ts'
import { splitDomain, splitReference } from './reference.ts'

/** Who one is to a registry: a name with a password, or a token that is exchanged for others. */
export interface RegistryCredentials {
  /** The registry that they are for, as Docker's configuration calls it. */
  readonly serveraddress?: string | undefined
  readonly username?: string | undefined
  readonly password?: string | undefined
  readonly identitytoken?: string | undefined
  /** Sent as it is, and asked of no token server. */
  readonly registrytoken?: string | undefined
}

/** Finds the credentials for a registry, `docker.io` or `localhost:5000`; undefined: ask as nobody in particular. */
export type CredentialSource = (domain: string) => Promise<RegistryCredentials | undefined>

/** The part of `~/.docker/config.json` that is about credentials. */
interface DockerConfig {
  readonly auths?: Readonly<Record<string, { readonly auth?: string; readonly identitytoken?: string }>>
  readonly credsStore?: string
  readonly credHelpers?: Readonly<Record<string, string>>
}

/** What Docker calls the hub in its configuration. */
const HUB = 'https://index.docker.io/v1/'

/** The credentials of `docker login` for the registry of an image. */
export function credentialsForImage(reference: string): Promise<RegistryCredentials | undefined> {
  return dockerCredentials(splitDomain(splitReference(reference).name).domain)
}

/**
 * Credentials for a registry, as `docker login` left them; undefined when there are none. Raises
 * DOCKER_CONFIG_UNREADABLE, CREDENTIAL_TOOL_MISSING.
 */
export async function dockerCredentials(domain: string): Promise<RegistryCredentials | undefined> {
  const config = readConfig(process.env['DOCKER_CONFIG'] ?? join(homedir(), '.docker'))
  if (config === undefined) return undefined
  const registry = domain === 'docker.io' ? HUB : domain
  const tool = config.credHelpers?.[registry] ?? config.credsStore
  if (tool !== undefined) {
    const found = await askTool(tool, registry)
    if (found !== undefined) return found
  }
  return storedCredentials(config, registry)
}

/** Credentials that stand in the configuration itself: base64 of `user:password`. */
function storedCredentials(config: DockerConfig, registry: string): RegistryCredentials | undefined {
  const entry = config.auths?.[registry] ?? config.auths?.[`https://${registry}`]
  if (entry === undefined) return undefined
  const [username, ...password] = Buffer.from(entry.auth ?? '', 'base64')
    .toString('utf8')
    .split(':')
  if (entry.identitytoken !== undefined)
    return { serveraddress: registry, username, identitytoken: entry.identitytoken }
  return username === '' ? undefined : { serveraddress: registry, username, password: password.join(':') }
}

function readConfig(folder: string): DockerConfig | undefined {
  const path = join(folder, 'config.json')
  try {
    const config: unknown = JSON.parse(readFileSync(path, 'utf8'))
    return typeof config === 'object' && config !== null ? config : undefined
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined
    throw failure({
      kind: 'invalidArgument',
      code: 'DOCKER_CONFIG_UNREADABLE',
      summary: `credentials can not be read from "${path}"`,
      cause: error,
    })
  }
}

/** Asks `docker-credential-<tool>`, which knows the registry or ends with an error. */
async function askTool(tool: string, registry: string): Promise<RegistryCredentials | undefined> {
  const answer = await new Promise<string | undefined>((resolve, reject) => {
    const process_ = execFile(`docker-credential-${tool}`, ['get'], (error, stdout) => {
      if (error === null) resolve(stdout)
      else if (error.code === 'ENOENT') reject(toolMissing(tool, error))
      else resolve(undefined)
    })
    process_.stdin?.on('error', () => resolve(undefined))
    process_.stdin?.end(registry)
  })
  if (answer === undefined) return undefined
  const { Username, Secret } = JSON.parse(answer) as { Username?: string; Secret?: string }
  // This name says that the secret is a token and no password.
  if (Username === '<token>') return { serveraddress: registry, identitytoken: Secret }
  return { serveraddress: registry, username: Username, password: Secret }
}

function toolMissing(tool: string, cause: Error): Error {
  return failure({
    kind: 'unavailable',
    code: 'CREDENTIAL_TOOL_MISSING',
    summary: `Docker's configuration wants "docker-credential-${tool}", which is not installed`,
    hint: 'install it, or remove it from ~/.docker/config.json',
    cause,
  })
}
