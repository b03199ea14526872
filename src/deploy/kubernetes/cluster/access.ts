import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { errnoOf } from '../../../diagnostics/index.ts'
import { credentialsOf, dataOrFile } from './credentials.ts'
import { type Environment, type Kubeconfig, readKubeconfig, textOf, wrongConfig } from './kubeconfig.ts'
import type { Credentials } from './presented.ts'

/** How a cluster is reached, and by whom. */
export interface ClusterAccess {
  /** Its API server; a path before all others may be in it. */
  readonly server: URL
  /** What it is called for people. */
  readonly name: string
  /** The namespace that the context names. */
  readonly namespace: string | undefined
  /** Options of node:tls. */
  readonly tls: Readonly<Record<string, string | boolean>>
  readonly proxy: URL | undefined
  readonly credentials: Credentials
}

export interface AccessOptions {
  readonly env: Environment
  readonly cwd: string
  readonly kubeconfig?: string
  readonly context?: string
  /** The proxy of the environment for an address, where the kubeconfig names none. */
  readonly proxyFor?: (address: URL) => URL | undefined
  /** Where a pod has what it needs; another folder for tests. */
  readonly serviceAccount?: string
}

const SERVICE_ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount'

/** The cluster that kubectl would speak with: that of a context of kubeconfig, or the one that this process is a pod of. Errors: KUBERNETES_CONFIG. */
export function accessOf(options: AccessOptions): ClusterAccess {
  const config = readKubeconfig(options.kubeconfig, options.env, options.cwd)
  const access = config === undefined ? inCluster(options) : fromConfig(config, options)
  if (access !== undefined) return access
  throw wrongConfig('there is none: neither KUBECONFIG nor ~/.kube/config, and this is no pod')
}

function fromConfig(config: Kubeconfig, { env, context: named, proxyFor }: AccessOptions): ClusterAccess {
  const name = named ?? config.current
  const there = [...config.contexts.keys()].map(each => `"${each}"`).join(', ')
  if (name === undefined) throw wrongConfig(`no context is current; there are ${there || 'none'}`)
  const context = config.contexts.get(name)
  if (context === undefined) throw wrongConfig(`there is no context "${name}", only ${there || 'none'}`)
  const entry = entryOf(config.clusters, textOf(context, 'cluster'), `context "${name}": cluster`)
  const userName = textOf(context, 'user')
  const user = userName === undefined ? {} : entryOf(config.users, userName, `context "${name}": user`)
  const text = textOf(entry, 'server') ?? ''
  if (!/^https?:\/\//.test(text) || !URL.canParse(text))
    throw wrongConfig(`context "${name}": server: got "${text}", want an https address`)
  const server = new URL(text)
  const ca = dataOrFile(entry, 'certificate-authority')
  const isUnchecked = entry['insecure-skip-tls-verify'] === true
  if (isUnchecked && ca !== undefined)
    throw wrongConfig(
      `context "${name}": a certificate-authority and insecure-skip-tls-verify exclude each other`,
    )
  const servername = textOf(entry, 'tls-server-name')
  const proxy = textOf(entry, 'proxy-url')
  return {
    server,
    name,
    namespace: textOf(context, 'namespace'),
    tls: {
      ...(ca === undefined ? {} : { ca }),
      ...(isUnchecked ? { rejectUnauthorized: false } : {}),
      ...(servername === undefined ? {} : { servername }),
    },
    proxy: proxy === undefined ? proxyFor?.(server) : proxyOf(proxy),
    credentials: credentialsOf(user, { server: text, entry, ca }, env),
  }
}

function entryOf<T>(entries: ReadonlyMap<string, T>, name: string | undefined, what: string): T {
  const found = entries.get(name ?? '')
  if (found === undefined) throw wrongConfig(`${what} "${name ?? ''}" is not there`)
  return found
}

function proxyOf(text: string): URL {
  if (!URL.canParse(text) || !/^(?:https?|socks5):$/.test(new URL(text).protocol))
    throw wrongConfig(`proxy-url: got "${text}", want an address of http, https or socks5`)
  return new URL(text)
}

/** As a pod has it; undefined where this is none. */
function inCluster({ env, serviceAccount = SERVICE_ACCOUNT }: AccessOptions): ClusterAccess | undefined {
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port = '443' } = env
  if (!host) return undefined
  const ca = readOr(join(serviceAccount, 'ca.crt'))
  if (ca === undefined) return undefined
  const server = `https://${host.includes(':') ? `[${host}]` : host}:${port}`
  const user = { tokenFile: join(serviceAccount, 'token') }
  return {
    server: new URL(server),
    name: 'in-cluster',
    namespace: readOr(join(serviceAccount, 'namespace'))?.trim(),
    tls: { ca },
    proxy: undefined,
    credentials: credentialsOf(user, { server, entry: {}, ca }, env),
  }
}

function readOr(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined
    throw error
  }
}
