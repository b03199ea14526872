import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import type { AuthConfig } from '../api/types/index.ts'
import { errnoOf, failure } from '../diagnostics/index.ts'

/** The part of `~/.docker/config.json` that is about credentials. */
interface DockerConfig {
  readonly auths?: Readonly<Record<string, { readonly auth?: string; readonly identitytoken?: string }>>
  readonly credsStore?: string
  readonly credHelpers?: Readonly<Record<string, string>>
}

/** What Docker calls the hub in its configuration. */
const HUB = 'https://index.docker.io/v1/'

/** Credentials for an image's registry, as `docker login` left them; undefined when there are none. */
export async function registryAuth(reference: string): Promise<AuthConfig | undefined> {
  const config = readConfig(process.env['DOCKER_CONFIG'] ?? join(homedir(), '.docker'))
  if (config === undefined) return undefined
  const registry = registryOf(reference)
  const tool = config.credHelpers?.[registry] ?? config.credsStore
  if (tool !== undefined) {
    const found = await askTool(tool, registry)
    if (found !== undefined) return found
  }
  return storedAuth(config, registry)
}

/** The registry that an image's name begins with; a name without one is on the hub. */
export function registryOf(reference: string): string {
  const first = reference.slice(0, reference.indexOf('/'))
  const isHost = reference.includes('/') && (/[.:]/.test(first) || first === 'localhost')
  return isHost && first !== 'docker.io' ? first : HUB
}

/** Credentials that stand in the configuration itself: base64 of `user:password`. */
export function storedAuth(config: DockerConfig, registry: string): AuthConfig | undefined {
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
async function askTool(tool: string, registry: string): Promise<AuthConfig | undefined> {
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
