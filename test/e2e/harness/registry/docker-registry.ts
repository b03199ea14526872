import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join, resolve } from 'node:path'
import { type Need, present, program } from '../../../requires.ts'
import { eventually } from '../eventually.ts'
import { type Certificate, makeCertificate } from './certificate.ts'
import { ISSUER, LOGIN, SERVICE, TokenServer } from './token-server.ts'

/** Where tools/setup.sh unpacks Debian's docker-registry: installing it would start a daemon. */
const UNPACKED = resolve('node_modules/.tools/docker-registry/usr/bin')
const PATH = `${UNPACKED}${delimiter}${process.env['PATH'] ?? ''}`

/** What a test says it needs: `requires(...dockerRegistry)`. */
export const dockerRegistry: readonly Need[] = [
  program('docker-registry').missing === undefined
    ? program('docker-registry')
    : present('docker-registry', join(UNPACKED, 'docker-registry')),
  program('openssl'),
]

/** bcrypt of `LOGIN`: the only form that the registry takes. */
export const HTPASSWD: string = `${LOGIN.username}:$2b$04$lsmpm/jgVbeyHGP/gkQVYON/SsqtF5BfNgzq9TK6U/8WTI4FJGyIe\n`

export interface RegistryOptions {
  /** `basic`: `LOGIN` alone is let in. `token`: a token server gives tokens, see there. Open when absent. */
  readonly access?: 'basic' | 'token'
  /** Speaks TLS by a certificate of its own. */
  readonly tls?: boolean
  /** Lets in by TLS who shows a certificate of that authority alone: its own. */
  readonly clientCertificate?: boolean
}

/** A running registry of Debian on a free port of loopback. */
export interface DockerRegistry {
  /** `127.0.0.1:PORT`, as it stands in references. */
  readonly domain: string
  readonly tokens: TokenServer | undefined
  /** Of a registry with TLS, or with tokens. */
  readonly certificate: Certificate | undefined
  /** Requests so far, as its access log has them: `GET /v2/…`. */
  requests(): string[]
  stop(): Promise<void>
}

/** Starts a registry with an empty store; `stop` it in afterEach/afterAll. */
export async function startRegistry(options: RegistryOptions = {}): Promise<DockerRegistry> {
  const folder = mkdtempSync(join(tmpdir(), 'tscompose-registry-'))
  const needsCertificate = options.tls === true || options.access === 'token'
  const certificate = needsCertificate ? makeCertificate(folder) : undefined
  const tokens = certificate && options.access === 'token' ? await TokenServer.start(certificate) : undefined
  const domain = `127.0.0.1:${await freePort()}`
  const config = { folder, domain, certificate, tokens, ...options }
  const log = join(folder, 'log')
  const child = serve(folder, log, configuration(config))
  const stop = async (): Promise<void> => {
    await ended(child)
    await tokens?.close()
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    await eventually('the registry listens', () => readFileSync(log, 'utf8').includes('listening on'))
  } catch (error) {
    await stop()
    throw error
  }
  return { domain, tokens, certificate, requests: () => requestsOf(log), stop }
}

interface Configured extends RegistryOptions {
  readonly folder: string
  readonly domain: string
  readonly certificate: Certificate | undefined
  readonly tokens: TokenServer | undefined
}

/** YAML takes JSON. */
function configuration(configured: Configured): string {
  const { folder, domain, certificate, tokens, access, tls, clientCertificate } = configured
  mkdirSync(join(folder, 'storage'))
  writeFileSync(join(folder, 'htpasswd'), HTPASSWD)
  const pair = { certificate: certificate?.certificate, key: certificate?.key }
  const clients = clientCertificate === true ? { clientcas: [pair.certificate] } : {}
  const token = { realm: tokens?.realm, service: SERVICE, issuer: ISSUER, rootcertbundle: pair.certificate }
  const basic = { realm: 'test', path: join(folder, 'htpasswd') }
  return JSON.stringify({
    version: '0.1',
    log: { accesslog: { disabled: false }, level: 'info', formatter: 'text' },
    storage: {
      filesystem: { rootdirectory: join(folder, 'storage') },
      delete: { enabled: true },
    },
    http: { addr: domain, secret: 'test', ...(tls === true ? { tls: { ...pair, ...clients } } : {}) },
    ...(access === undefined ? {} : { auth: access === 'basic' ? { htpasswd: basic } : { token } }),
  })
}

function serve(folder: string, log: string, config: string): ChildProcess {
  const file = join(folder, 'config.yml')
  writeFileSync(file, config)
  writeFileSync(log, '')
  const command = `exec docker-registry serve ${file} >>${log} 2>&1`
  return spawn('sh', ['-c', command], { env: { PATH, OTEL_TRACES_EXPORTER: 'none' }, stdio: 'ignore' })
}

function requestsOf(log: string): string[] {
  const lines = readFileSync(log, 'utf8').matchAll(/"((?:GET|HEAD|PUT|POST|PATCH|DELETE) \S+) HTTP/g)
  return [...lines].map(line => line[1] ?? '')
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exit = new Promise(resolve => child.once('exit', resolve))
  child.kill()
  await exit
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  await new Promise(resolve => server.close(resolve))
  return port
}
