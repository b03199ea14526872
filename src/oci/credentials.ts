import { readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { errnoOf, Failure, failure } from '../diagnostics/index.ts'
import { askTool } from './credential-tool.ts'
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
  /** Asks somebody else for a token, who has what it takes; undefined where he gets none. */
  readonly fetchToken?: ((wanted: WantedToken) => Promise<string | undefined>) | undefined
}

/** A token that a registry has asked for. */
export interface WantedToken {
  /** Address of the token server. */
  readonly realm: string
  readonly service: string
  /** `repository:team/app:pull`. */
  readonly scopes: readonly string[]
}

/** Finds the credentials for a registry, `docker.io` or `localhost:5000`; undefined: ask as nobody in particular. */
export type CredentialSource = (domain: string) => Promise<RegistryCredentials | undefined>

/** The part of `~/.docker/config.json` that is about credentials. */
export interface DockerConfig {
  readonly auths?: Readonly<Record<string, { readonly auth?: string; readonly identitytoken?: string }>>
  readonly credsStore?: string
  readonly credHelpers?: Readonly<Record<string, string>>
}

/** What Docker calls the hub in its configuration. */
const HUB = 'https://index.docker.io/v1/'
const HUB_HOSTS = ['docker.io', 'index.docker.io', 'registry-1.docker.io']

/** What Docker's configuration calls a registry: `localhost:5000`, and for the hub an address. */
export function configName(domain: string): string {
  return HUB_HOSTS.includes(domain) ? HUB : domain
}

/** Where Docker's configuration is: `$DOCKER_CONFIG` or `~/.docker`, `config.json` in it. */
export function dockerConfigPath(env: Readonly<Record<string, string | undefined>> = process.env): string {
  return join(env['DOCKER_CONFIG'] || join(env['HOME'] || homedir(), '.docker'), 'config.json')
}

/** The program that keeps the credentials of a registry, `docker-credential-<tool>`; undefined: they are in the file. */
export function credentialTool(config: DockerConfig, registry: string): string | undefined {
  return config.credHelpers?.[registry] || config.credsStore || undefined
}

/** The credentials of `docker login` for the registry of an image; `signal` as with `dockerCredentials`. */
export function credentialsForImage(
  reference: string,
  signal?: AbortSignal,
): Promise<RegistryCredentials | undefined> {
  return dockerCredentials(splitDomain(splitReference(reference).name).domain, undefined, signal)
}

/**
 * Credentials for a registry, as `docker login` left them; undefined when there are none. `signal` ends a tool that is
 * asked for them. Raises DOCKER_CONFIG_UNREADABLE and what `askTool` raises.
 */
export async function dockerCredentials(
  domain: string,
  env?: Readonly<Record<string, string | undefined>>,
  signal?: AbortSignal,
): Promise<RegistryCredentials | undefined> {
  const config = readDockerConfig(dockerConfigPath(env))
  if (config === undefined) return undefined
  const registry = configName(domain)
  const tool = credentialTool(config, registry)
  if (tool !== undefined) {
    const found = await askTool(tool, registry, signal === undefined ? {} : { signal })
    if (found !== undefined) return found
  }
  return storedCredentials(config, registry)
}

/**
 * Credentials for all registries that `docker login` was said of, by their names in Docker's configuration: a build may name any
 * of them. One whose tool does not give it is left out, since most builds do not need it. `signal` ends the tools. Raises
 * DOCKER_CONFIG_UNREADABLE.
 */
export async function credentialsOfAll(
  env?: Readonly<Record<string, string | undefined>>,
  signal?: AbortSignal,
): Promise<Readonly<Record<string, RegistryCredentials>>> {
  const config = readDockerConfig(dockerConfigPath(env))
  const names = [...Object.keys(config?.auths ?? {}), ...Object.keys(config?.credHelpers ?? {})]
  const found = await Promise.all(
    [...new Set(names)].map(async name => {
      const domain = name === HUB ? 'docker.io' : name.replace(/^https:\/\//, '')
      const credentials = await dockerCredentials(domain, env, signal).catch(unlessOfTool)
      return credentials === undefined ? [] : [[name, credentials] as const]
    }),
  )
  return Object.fromEntries(found.flat())
}

function unlessOfTool(error: unknown): undefined {
  if (error instanceof Failure && error.code.startsWith('CREDENTIAL_TOOL_')) return undefined
  throw error
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

/** Docker's configuration; undefined where there is none. Raises DOCKER_CONFIG_UNREADABLE. */
export function readDockerConfig(path: string): DockerConfig | undefined {
  try {
    const text = readFileSync(path, 'utf8')
    if (text.trim() === '') return undefined
    const config: unknown = JSON.parse(text)
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
