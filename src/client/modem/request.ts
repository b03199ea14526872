import { PassThrough, Readable } from 'node:stream'
import type { DialOptions, RegistryAuth } from './dial.ts'
import { renderQuery } from './query.ts'

/** What is sent: docker-modem's options of Node's `http.request`, of which these say something. */
export interface ModemRequest {
  readonly path: string
  readonly method: string
  readonly headers: Readonly<Record<string, string | number>>
  readonly signal?: AbortSignal | undefined
}

/** A body: its text, its bytes, or a stream of them. */
export type RequestData = string | Uint8Array | Readable | undefined

/** Of a modem, what every request has. */
export interface RequestDefaults {
  readonly version: string | undefined
  readonly pathPrefix: string | undefined
  readonly headers: Readonly<Record<string, string>>
  /** The header `Host`. */
  readonly authority: string
}

/** The request that a call is, without its body. */
export function requestOf(options: DialOptions, defaults: RequestDefaults): ModemRequest {
  return {
    path: pathOf(options, defaults),
    method: options.method ?? 'GET',
    headers: {
      ...withDefaults(flat(options.headers ?? defaults.headers), {
        'User-Agent': 'tscompose',
        Host: defaults.authority,
      }),
      ...registryHeader('X-Registry-Auth', options.authconfig, 'base64url'),
      ...registryHeader('X-Registry-Config', options.registryconfig, 'base64'),
      ...(options.hijack === true ? upgradeOf(options) : {}),
    },
    signal: options.abortSignal,
  }
}

/** Its body, and the headers that say what it is. */
export async function dataOf(
  options: DialOptions,
): Promise<{ readonly data: RequestData; readonly headers: Readonly<Record<string, string>> }> {
  if (options.file !== undefined) {
    return { data: await openFile(options.file), headers: typed(options, 'application/x-tar') }
  }
  const bag = options.options
  if (options.method !== 'POST' && options.method !== 'PUT') return { data: undefined, headers: {} }
  if (bag === undefined || bag === null) return { data: undefined, headers: {} }
  const data = JSON.stringify(field(bag, '_body') ?? sent(bag))
  if (options.allowEmpty !== true && (data === '{}' || data === '""')) return { data: undefined, headers: {} }
  return { data, headers: typed(options, 'application/json') }
}

function pathOf({ path, options }: DialOptions, { version, pathPrefix }: RequestDefaults): string {
  const front = (pathPrefix ?? '').replace(/\/+$/, '')
  const whole = `${front}${version === undefined ? '' : `/${version}`}${path}`
  if (!whole.includes('?')) return whole
  const bag = options ?? {}
  const query = renderQuery((field(bag, '_query') as object | undefined) ?? sent(bag))
  if (query === '') return whole.replace(/\?$/, '')
  return `${whole}${/[?&]$/.test(whole) ? '' : '&'}${query}`
}

/** Fields of the bag that never travel. */
const CONTROL: ReadonlySet<string> = new Set(['abortSignal', 'authconfig', '_query', '_body'])

function sent(bag: object): object {
  if (Array.isArray(bag)) return bag
  return Object.fromEntries(Object.entries(bag).filter(([name]) => !CONTROL.has(name)))
}

function field(bag: object, name: string): unknown {
  return Reflect.get(bag, name)
}

function registryHeader(
  name: string,
  auth: RegistryAuth | undefined,
  encoding: 'base64' | 'base64url',
): Record<string, string> {
  if (auth === undefined) return {}
  const { key, base64 } = auth
  return { [name]: key ?? base64 ?? encode(auth, encoding) }
}

/** With its padding, which Docker wants of both alphabets. */
function encode(auth: RegistryAuth, encoding: 'base64' | 'base64url'): string {
  const text = Buffer.from(JSON.stringify(auth)).toString('base64')
  return encoding === 'base64' ? text : text.replaceAll('+', '-').replaceAll('/', '_')
}

/** The headers in the form that is sent; a name that has been given keeps what it was given, however it is written. */
function withDefaults(
  headers: Record<string, string | number>,
  defaults: Record<string, string>,
): Record<string, string | number> {
  const given = new Set(Object.keys(headers).map(name => name.toLowerCase()))
  const missing = Object.entries(defaults).filter(([name]) => !given.has(name.toLowerCase()))
  return { ...Object.fromEntries(missing), ...headers }
}

function flat(headers: NonNullable<DialOptions['headers']>): Record<string, string | number> {
  const flat: Record<string, string | number> = {}
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined) continue
    flat[name] = typeof value === 'object' ? value.join(', ') : value
  }
  return flat
}

function typed({ headers = {} }: DialOptions, type: string): Record<string, string> {
  const isGiven = Object.keys(headers).some(name => name.toLowerCase() === 'content-type')
  return isGiven ? {} : { 'Content-Type': type }
}

function upgradeOf({ headers = {} }: DialOptions): Record<string, string> {
  return { Connection: 'Upgrade', Upgrade: String(headers['Upgrade'] ?? 'tcp') }
}

/** A path's file is streamed, not read whole as docker-modem does with some: archives are large. */
async function openFile(file: string | Uint8Array | Readable): Promise<Uint8Array | Readable> {
  if (typeof file !== 'string') return file instanceof Uint8Array ? file : asReadable(file)
  const { createReadStream } = await import('node:fs')
  return createReadStream(file)
}

/** Streams of other libraries (tar-stream has two kinds) have `pipe` and the events, and not all of what Node's own have. */
function asReadable(stream: Readable): Readable {
  if (stream instanceof Readable) return stream
  const through = new PassThrough()
  ;(stream as Readable).on('error', error => through.destroy(error)).pipe(through)
  return through
}
