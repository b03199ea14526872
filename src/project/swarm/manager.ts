import { createHash } from 'node:crypto'
import { dirname, join } from 'node:path'
import { Docker } from '../../client/index.ts'
import { Failure, failure, messageOf } from '../../diagnostics/index.ts'
import { readIfThereSync } from '../../linux/read-if-there.ts'
import type { Project } from '../../model/index.ts'
import { dockerConfigPath } from '../../oci/credentials.ts'
import type { Environment } from '../target.ts'

/** How a manager is named: its address, or a context of the Docker CLI. */
export interface ManagerPlace {
  readonly host?: string
  readonly context?: string
}

/** The context that stands for what the environment says. */
const DEFAULT = 'default'

/**
 * The client of a manager, as the Docker CLI finds it: the address, the context, DOCKER_HOST, DOCKER_CONTEXT, the context that is in
 * use, the engine of this machine. Nobody has been asked yet. Errors: DOCKER_CONTEXT, DOCKER_HOST_INVALID.
 */
export function managerOf({ host, context }: ManagerPlace, env: Environment): Docker {
  if (host !== undefined)
    return new Docker({ host: /^\/|:\/\//.test(host) ? host : `tcp://${host}`, errors: 'own' })
  const folder = dirname(dockerConfigPath(env))
  const fromHost = context === undefined && Boolean(env['DOCKER_HOST'])
  const name = context ?? (fromHost ? DEFAULT : env['DOCKER_CONTEXT'] || currentContext(folder))
  if (name !== DEFAULT) return new Docker({ ...endpointOf(folder, name), errors: 'own' })
  return new Docker({ ...(env['DOCKER_HOST'] ? { host: env['DOCKER_HOST'] } : {}), errors: 'own' })
}

/** What names an engine to the Docker CLI, in words: a variable, or the context that is in use; undefined where nothing does. */
export function namedEngine(env: Environment): string | undefined {
  if (env['DOCKER_HOST']) return 'DOCKER_HOST'
  if (env['DOCKER_CONTEXT']) return 'DOCKER_CONTEXT'
  const name = currentContext(dirname(dockerConfigPath(env)))
  return name === DEFAULT ? undefined : `the context "${name}" of the Docker CLI`
}

/** Whether the Docker CLI has a context of that name. Errors: DOCKER_CONTEXT. */
export function hasContext(name: string, env: Environment): boolean {
  return name === DEFAULT || readMeta(dirname(dockerConfigPath(env)), name) !== undefined
}

function currentContext(folder: string): string {
  const config = readJson(join(folder, 'config.json'), DEFAULT)
  const named = (config as { readonly currentContext?: unknown } | undefined)?.currentContext
  return typeof named === 'string' && named !== '' ? named : DEFAULT
}

interface Endpoint {
  readonly host: string
  readonly ca?: string
  readonly cert?: string
  readonly key?: string
}

interface Meta {
  readonly Endpoints?: { readonly docker?: { readonly Host?: unknown; readonly SkipTLSVerify?: unknown } }
}

/** Contexts are in folders that are called by the digest of their names. */
function folderOf(name: string): string {
  return createHash('sha256').update(name).digest('hex')
}

function readMeta(folder: string, name: string): Meta | undefined {
  return readJson(join(folder, 'contexts/meta', folderOf(name), 'meta.json'), name) as Meta | undefined
}

function endpointOf(folder: string, name: string): Endpoint {
  const meta = readMeta(folder, name)
  const { Host: host, SkipTLSVerify: isUnchecked } = meta?.Endpoints?.docker ?? {}
  if (typeof host !== 'string')
    throw contextFailure(name, meta === undefined ? 'there is none' : 'it names no Docker Engine')
  if (isUnchecked === true)
    throw contextFailure(name, 'it takes any certificate (skip-tls-verify), and a Swarm is sent secrets')
  const pem = (file: string): string | undefined =>
    readIfThereSync(join(folder, 'contexts/tls', folderOf(name), 'docker', file))
  const [ca, cert, key] = [pem('ca.pem'), pem('cert.pem'), pem('key.pem')]
  // What has certificates is spoken with by TLS, whatever its port.
  const isTls = host.startsWith('tcp://') && (ca !== undefined || cert !== undefined)
  return {
    host: isTls ? host.replace(/^tcp:/, 'https:') : host,
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
  }
}

function readJson(path: string, name: string): unknown {
  const text = readIfThereSync(path)
  if (text === undefined) return undefined
  try {
    return JSON.parse(text)
  } catch (error) {
    throw contextFailure(name, `${path} is no JSON: ${messageOf(error)}`)
  }
}

function contextFailure(name: string, problem: string): Error {
  return failure({
    code: 'DOCKER_CONTEXT',
    kind: 'notFound',
    summary: `context "${name}" of the Docker CLI: ${problem}`,
    hint: '`docker context ls` lists them',
  })
}

/** Whether a manager has a place for `start_interval`; it is asked only where the file has one. */
export async function knowsStartInterval({ model }: Project, docker: Docker): Promise<boolean> {
  if (Object.values(model.services).every(({ healthcheck }) => healthcheck?.start_interval === undefined))
    return true
  const [major = 0, minor = 0] = (await docker.version()).ApiVersion.split('.').map(Number)
  return major > 1 || minor >= 44
}

/** Says of an engine that is no manager, or that is not spoken to as it wants, what is to be done. Errors: SWARM_MANAGER, ENGINE_TLS. */
export async function asManager<T>(asked: Promise<T>): Promise<T> {
  try {
    return await asked
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    const told = TOLD.find(({ pattern }) => pattern.test(`${error.code} ${error.message}`))
    throw told === undefined ? error : failure({ ...told, cause: error })
  }
}

const TOLD = [
  {
    pattern: /not a swarm manager|not part of a swarm|SWARM_INACTIVE/i,
    code: 'SWARM_MANAGER',
    kind: 'unavailable',
    summary: 'the engine that was asked is no manager of a swarm',
    hint: 'name one with -H or --context; `docker swarm init` makes a swarm of one',
  },
  {
    pattern: /HTTP request to an HTTPS server/,
    code: 'ENGINE_TLS',
    kind: 'unauthorized',
    summary: 'the engine that was asked speaks TLS alone',
    hint: 'DOCKER_TLS_VERIFY=1, and DOCKER_CERT_PATH with its ca.pem and a certificate and key of yours; or --context',
  },
] as const
