import type { Socket } from 'node:net'
import { failure } from '../../diagnostics/index.ts'

/** Where an engine is; everything optional, as dockerode has it. Without any, `DOCKER_HOST` decides. */
export interface DockerOptions {
  readonly socketPath?: string | undefined
  /** A connection that keeps it from ending (`holdEngine`): open until the modem is destroyed. */
  readonly held?: Socket | undefined
  /** A name, an address, or a URL (`unix://`, `tcp://`, `http://`, `https://`). */
  readonly host?: string | undefined
  readonly port?: number | string | undefined
  readonly protocol?: 'http' | 'https' | undefined
  /** `v1.43`: put in front of every path. */
  readonly version?: string | undefined
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** Milliseconds without a byte until a call fails; absent: for ever. */
  readonly timeout?: number | undefined
  readonly ca?: string | Buffer | readonly (string | Buffer)[] | undefined
  readonly cert?: string | Buffer | undefined
  readonly key?: string | Buffer | undefined
}

/** Where to connect. */
export type Endpoint =
  | { readonly socketPath: string }
  | { readonly protocol: 'http' | 'https'; readonly host: string; readonly port: number }

const DEFAULT_SOCKET = '/var/run/docker.sock'
const DEFAULT_PORT = 2375
const DEFAULT_TLS_PORT = 2376

/** The endpoint that the options, or else `DOCKER_HOST`, name. Throws `DOCKER_HOST_INVALID`. */
export function resolveEndpoint(
  options: DockerOptions,
  env: Readonly<Record<string, string | undefined>>,
): Endpoint {
  if (options.socketPath !== undefined) return { socketPath: options.socketPath }
  if (options.host === undefined) {
    const fallback = env['DOCKER_HOST']
    return fallback ? parseHost(fallback, options, env) : { socketPath: DEFAULT_SOCKET }
  }
  return parseHost(options.host, options, env)
}

function parseHost(
  text: string,
  options: DockerOptions,
  env: Readonly<Record<string, string | undefined>>,
): Endpoint {
  if (text.startsWith('/')) return { socketPath: text }
  const url = toUrl(text)
  if (url.protocol === 'unix:') return { socketPath: decodeURIComponent(url.pathname) || DEFAULT_SOCKET }
  const port =
    options.port !== undefined ? Number(options.port) : url.port === '' ? undefined : Number(url.port)
  const secure =
    options.protocol === 'https' ||
    url.protocol === 'https:' ||
    env['DOCKER_TLS_VERIFY'] === '1' ||
    (options.protocol === undefined && url.protocol === 'tcp:' && port === DEFAULT_TLS_PORT)
  if (!['tcp:', 'http:', 'https:'].includes(url.protocol) || url.hostname === '') throw invalid(text)
  return {
    protocol: secure ? 'https' : 'http',
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: port ?? (secure ? DEFAULT_TLS_PORT : DEFAULT_PORT),
  }
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
    summary: `Read the engine's address: got "${text}", want unix://PATH, tcp://HOST:PORT or http(s)://HOST:PORT`,
  })
}
