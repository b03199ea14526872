import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'
import { failure, messageOf } from '../../../diagnostics/index.ts'
import { type Environment, isLoose, textOf, wrongConfig } from './kubeconfig.ts'
import type { ClusterFacts, Credentials, Entry, Presented } from './presented.ts'

/** Credentials are renewed so many milliseconds before they end. */
const EARLY_MS = 10_000
const API = /^client\.authentication\.k8s\.io\/v1(?:beta1)?$/

/** A program that gives credentials (client.authentication.k8s.io): run when they are needed, and again when they end or are refused. */
export class ExecPlugin implements Credentials {
  readonly #entry: Entry
  readonly #facts: ClusterFacts
  readonly #env: Environment
  readonly #further: Presented['headers']
  #given: Promise<Given> | undefined

  constructor(entry: Entry, facts: ClusterFacts, env: Environment, further: Presented['headers']) {
    this.#entry = entry
    this.#facts = facts
    this.#env = env
    this.#further = further
    const version = textOf(entry, 'apiVersion') ?? ''
    if (!API.test(version))
      throw wrongConfig(`exec: got apiVersion "${version}", want client.authentication.k8s.io/v1 or v1beta1`)
    if (textOf(entry, 'interactiveMode') === 'Always' && !process.stdin.isTTY)
      throw wrongConfig('exec: its program asks on a terminal, and there is none')
  }

  async current(): Promise<Presented> {
    const given = await this.#given
    if (given === undefined || Date.now() > given.ends - EARLY_MS) this.#given = this.#run()
    return (await (this.#given as Promise<Given>)).presented
  }

  async renew(): Promise<boolean> {
    this.#given = this.#run()
    await this.#given
    return true
  }

  async #run(): Promise<Given> {
    const command = textOf(this.#entry, 'command') ?? ''
    const output = await this.#output(command).catch((error: unknown) => {
      this.#given = undefined
      throw failure({
        code: 'KUBERNETES_LOGIN',
        kind: 'unauthorized',
        summary: `"${command}", which gives credentials for the cluster, has failed: ${messageOf(error)}`,
        hint: textOf(this.#entry, 'installHint') ?? 'run it by hand to see why',
        cause: error,
      })
    })
    return readGiven(output, command, this.#further)
  }

  async #output(command: string): Promise<string> {
    const { args, env } = this.#entry
    const own = (Array.isArray(env) ? env : []).flatMap(each =>
      isLoose(each) ? [[String(each['name']), String(each['value'])] as const] : [],
    )
    const isInteractive = process.stdin.isTTY === true && textOf(this.#entry, 'interactiveMode') !== 'Never'
    const child = spawn(command, Array.isArray(args) ? args.map(String) : [], {
      env: { ...this.#env, ...Object.fromEntries(own), KUBERNETES_EXEC_INFO: this.#info(isInteractive) },
      // What it has to say to people, a code to type for instance, it says itself.
      stdio: [isInteractive ? 'inherit' : 'ignore', 'pipe', 'inherit'],
    })
    const ended = new Promise<void>((resolve, reject) => {
      child.once('error', reject)
      child.once('close', (code, signal) => {
        if (code === 0) resolve()
        else reject(new Error(signal === null ? `it ended with status ${code}` : `it was ended by ${signal}`))
      })
    })
    const [written] = await Promise.all([text(child.stdout), ended])
    return written
  }

  /** What the program is told. */
  #info(interactive: boolean): string {
    const { server, entry, ca } = this.#facts
    const name = textOf(entry, 'tls-server-name')
    const proxy = textOf(entry, 'proxy-url')
    const cluster = {
      server,
      ...(name === undefined ? {} : { 'tls-server-name': name }),
      ...(entry['insecure-skip-tls-verify'] === true ? { 'insecure-skip-tls-verify': true } : {}),
      ...(ca === undefined ? {} : { 'certificate-authority-data': Buffer.from(ca).toString('base64') }),
      ...(proxy === undefined ? {} : { 'proxy-url': proxy }),
    }
    const asks = this.#entry['provideClusterInfo'] === true
    return JSON.stringify({
      apiVersion: textOf(this.#entry, 'apiVersion'),
      kind: 'ExecCredential',
      spec: { interactive, ...(asks ? { cluster } : {}) },
    })
  }
}

interface Given {
  readonly presented: Presented
  /** Unix milliseconds. */
  readonly ends: number
}

function readGiven(output: string, command: string, further: Presented['headers']): Given {
  const content: unknown = parseOr(output)
  const status = isLoose(content) ? content['status'] : undefined
  if (!isLoose(status)) throw wrongConfig(`exec: "${command}" has written no ExecCredential with a status`)
  const token = textOf(status, 'token')
  const [cert, key] = [textOf(status, 'clientCertificateData'), textOf(status, 'clientKeyData')]
  const ends = textOf(status, 'expirationTimestamp')
  if (token === undefined && cert === undefined)
    throw wrongConfig(`exec: "${command}" gives neither a token nor a certificate`)
  return {
    presented: {
      headers: { ...(token === undefined ? {} : { authorization: `Bearer ${token}` }), ...further },
      ...(cert === undefined || key === undefined ? {} : { certificate: { cert, key } }),
    },
    ends: ends === undefined ? Number.POSITIVE_INFINITY : Date.parse(ends),
  }
}

function parseOr(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}
