import type { Agent } from 'node:http'
import type { KeyObject } from 'node:tls'
import { failure } from '../../diagnostics/index.ts'
import { type Certificates, readCertificates } from './certificates.ts'
import type { ConnectionOptions, Pem, ServerIdentityCheck, SocketPath } from './options.ts'
import type { SshOptions } from './ssh-options.ts'

type Env = Readonly<Record<string, string | undefined>>

/** How an engine is reached, with defaults filled in: what a modem shows, and its users may change between calls. */
export interface Settings {
  /** Absent where `host` is there. */
  socketPath: SocketPath | undefined
  host: string | undefined
  port: number | string | undefined
  protocol: 'http' | 'https' | 'ssh'
  pathPrefix: string | undefined
  username: string | undefined
  password: string | undefined
  ca: Pem | undefined
  cert: Pem | undefined
  key: Pem | readonly KeyObject[] | undefined
  checkServerIdentity: ServerIdentityCheck | undefined
  agent: Agent | undefined
  timeout: number | undefined
  connectionTimeout: number | undefined
  sshOptions: SshOptions
  /** Of an `ssh` host: the engine's socket there, where it is not the usual one. */
  remoteSocket: string | undefined
}

const DEFAULT_PORT = '2375'
const DEFAULT_TLS_PORT = '2376'

/** What the options say, and the environment where they say nothing. Errors: DOCKER_HOST_INVALID, CERTIFICATES_UNREADABLE. */
export function resolveSettings(options: ConnectionOptions, env: Env): Settings {
  return { ...common(options), ...place(options, env) }
}

function common(options: ConnectionOptions): Settings {
  const { agentForward, sshOptions } = options
  return {
    socketPath: undefined,
    host: undefined,
    port: options.port,
    protocol: options.protocol ?? 'http',
    pathPrefix: options.pathPrefix,
    username: options.username,
    password: options.password,
    ca: options.ca,
    cert: options.cert,
    key: options.key,
    checkServerIdentity: options.checkServerIdentity,
    agent: options.agent,
    timeout: options.timeout,
    connectionTimeout: options.connectionTimeout,
    sshOptions: { ...(agentForward === undefined ? {} : { agentForward }), ...sshOptions },
    remoteSocket: undefined,
  }
}

function place(options: ConnectionOptions, env: Env): Partial<Settings> {
  if (options.host !== undefined) return hostOf(options.host, options, env)
  if (options.socketPath !== undefined) return { socketPath: options.socketPath }
  const named = env['DOCKER_HOST']
  if (!named) return { socketPath: findSocket }
  const timeout = options.timeout ?? numberOf(env['DOCKER_CLIENT_TIMEOUT'])
  const pathPrefix = options.pathPrefix ?? env['DOCKER_PATH_PREFIX']
  const host = hostOf(named.includes('://') ? named : `tcp://${named}`, options, env)
  return host.host === undefined ? host : { timeout, pathPrefix, ...host }
}

function hostOf(text: string, options: ConnectionOptions, env: Env): Partial<Settings> {
  if (text.startsWith('/')) return { socketPath: text }
  const url = toUrl(text)
  if (url.protocol === 'unix:') return { socketPath: decodeURIComponent(url.pathname) || findSocket }
  if (!/^(tcp|https?|ssh):$/.test(url.protocol) || url.hostname === '') throw invalid(text)
  if ((options.protocol ?? url.protocol.slice(0, -1)) === 'ssh') return sshHost(url, options, env)
  const port = options.port ?? portOf(text)
  const isNamed = text.includes('://')
  const isSecure =
    options.protocol === undefined
      ? securedBy(url, port, isNamed, options, env)
      : options.protocol === 'https'
  return {
    host: url.hostname,
    port: port ?? (isSecure ? DEFAULT_TLS_PORT : DEFAULT_PORT),
    protocol: isSecure ? 'https' : 'http',
    ...(url.pathname.length > 1 && options.pathPrefix === undefined ? { pathPrefix: url.pathname } : {}),
    ...(isSecure && isNamed ? certificates(options, env) : {}),
  }
}

/** Docker's own variables are for hosts that are named as `DOCKER_HOST` names them. */
function securedBy(
  url: URL,
  port: number | string | undefined,
  isNamed: boolean,
  options: ConnectionOptions,
  env: Env,
): boolean {
  if (url.protocol === 'https:') return true
  if (url.protocol === 'http:') return false
  if (!isNamed) return Boolean(options.ca && options.cert && options.key)
  return Boolean(env['DOCKER_TLS_VERIFY']) || String(port) === DEFAULT_TLS_PORT
}

function certificates(options: ConnectionOptions, env: Env): Certificates {
  const { ca, cert, key } = options
  return ca || cert || key ? {} : readCertificates(env)
}

function sshHost(url: URL, options: ConnectionOptions, env: Env): Partial<Settings> {
  const { agentForward, sshOptions } = options
  const agent = env['SSH_AUTH_SOCK']
  return {
    host: url.hostname,
    port: options.port ?? portOf(url.href),
    protocol: 'ssh',
    username: options.username ?? (decodeURIComponent(url.username) || undefined),
    password: options.password ?? (decodeURIComponent(url.password) || undefined),
    sshOptions: {
      ...(agent === undefined ? {} : { agent }),
      ...(agentForward === undefined ? {} : { agentForward }),
      ...sshOptions,
    },
    remoteSocket: url.pathname.length > 1 ? decodeURIComponent(url.pathname) : undefined,
  }
}

/** Docker Desktop's socket is in the user's home; everybody else's is where it always was. */
async function findSocket(): Promise<string> {
  const [{ access }, { homedir }] = await Promise.all([import('node:fs/promises'), import('node:os')])
  const own = `${homedir()}/.docker/run/docker.sock`
  const isThere = await access(own).then(
    () => true,
    () => false,
  )
  return isThere ? own : '/var/run/docker.sock'
}

function numberOf(text: string | undefined): number | undefined {
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined
}

/** As it is written: of `http` and `https` a URL forgets the usual one. */
function portOf(text: string): string | undefined {
  return toUrl(text.replace(/^https?:/, 'tcp:')).port || undefined
}

function toUrl(text: string): URL {
  const full = text.includes('://') ? text : `tcp://${text}`
  if (!URL.canParse(full)) throw invalid(text)
  return new URL(full)
}

function invalid(text: string): Error {
  return failure({
    code: 'DOCKER_HOST_INVALID',
    kind: 'invalidArgument',
    summary: `Read the engine's address: got "${text}", want unix://PATH, tcp://HOST:PORT, http(s)://HOST:PORT or ssh://[USER@]HOST`,
  })
}
