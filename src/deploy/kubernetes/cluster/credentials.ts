import { readFileSync } from 'node:fs'
import { messageOf } from '../../../diagnostics/index.ts'
import { ExecPlugin } from './exec-plugin.ts'
import { type Environment, isLoose, textOf, wrongConfig } from './kubeconfig.ts'
import type { ClusterFacts, Credentials, Entry, Presented } from './presented.ts'

/** A token in a file is read again after so many milliseconds, since whoever writes it replaces it. */
const TOKEN_FILE_MS = 60_000

/** Credentials of a user of kubeconfig, by what its entry has. Errors: KUBERNETES_CONFIG. */
export function credentialsOf(user: Entry, facts: ClusterFacts, env: Environment): Credentials {
  if (user['auth-provider'] != null)
    throw wrongConfig('auth-provider is of former times: use the exec plugin of the provider instead')
  const impersonation = impersonationOf(user)
  const certificate = certificateOf(user)
  const { exec } = user
  if (isLoose(exec)) return new ExecPlugin(exec, facts, env, impersonation)
  const shared = { ...(certificate === undefined ? {} : { certificate }) }
  const tokenFile = textOf(user, 'tokenFile')
  if (tokenFile !== undefined) return new TokenFile(tokenFile, shared, impersonation)
  const token = textOf(user, 'token')
  const [name, password] = [textOf(user, 'username'), textOf(user, 'password')]
  const authorization =
    token !== undefined
      ? { authorization: `Bearer ${token}` }
      : name !== undefined
        ? { authorization: `Basic ${Buffer.from(`${name}:${password ?? ''}`).toString('base64')}` }
        : {}
  const presented = { ...shared, headers: { ...authorization, ...impersonation } }
  return { current: async () => presented, renew: async () => false }
}

/** A bearer token that somebody else keeps fresh in a file, as in a pod. */
class TokenFile implements Credentials {
  readonly #path: string
  readonly #shared: Omit<Presented, 'headers'>
  readonly #further: Presented['headers']
  #read: { readonly token: string; readonly at: number } | undefined

  constructor(path: string, shared: Omit<Presented, 'headers'>, further: Presented['headers']) {
    this.#path = path
    this.#shared = shared
    this.#further = further
  }

  async current(): Promise<Presented> {
    if (this.#read === undefined || performance.now() - this.#read.at > TOKEN_FILE_MS)
      this.#read = { token: readText(this.#path, 'tokenFile').trim(), at: performance.now() }
    return {
      ...this.#shared,
      headers: { authorization: `Bearer ${this.#read.token}`, ...this.#further },
    }
  }

  async renew(): Promise<boolean> {
    const before = this.#read?.token
    this.#read = undefined
    await this.current()
    return this.#read !== undefined && before !== (this.#read as { token: string }).token
  }
}

function certificateOf(user: Entry): Presented['certificate'] {
  const cert = dataOrFile(user, 'client-certificate')
  const key = dataOrFile(user, 'client-key')
  if (cert === undefined && key === undefined) return undefined
  if (cert === undefined || key === undefined)
    throw wrongConfig('a client certificate needs its key, and a key its certificate')
  return { cert, key }
}

/** PEM that is in the entry in base64, which wins, or in a file that it names. */
export function dataOrFile(entry: Entry, key: string): string | undefined {
  const data = textOf(entry, `${key}-data`)
  if (data !== undefined) return Buffer.from(data, 'base64').toString('utf8')
  const path = textOf(entry, key)
  return path === undefined ? undefined : readText(path, key)
}

function readText(path: string, what: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw wrongConfig(`${what}: "${path}" cannot be read: ${messageOf(error)}`, error)
  }
}

/** Headers of `as`, `as-uid`, `as-groups` and `as-user-extra`; one header of several values has them by commas. */
function impersonationOf(user: Entry): Record<string, string> {
  const as = textOf(user, 'as')
  if (as === undefined) return {}
  const groups = user['as-groups']
  const uid = textOf(user, 'as-uid')
  return {
    'impersonate-user': as,
    ...(uid === undefined ? {} : { 'impersonate-uid': uid }),
    ...(Array.isArray(groups) ? { 'impersonate-group': groups.map(String).join(',') } : {}),
  }
}
