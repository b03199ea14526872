import type { Duplex, Readable } from 'node:stream'
import { type BodyOf, type CallQueryOf, ROUTES, type Route, type RouteName } from '../../api/routes.ts'
import type { AuthConfig } from '../../api/types/index.ts'
import type { DialOptions, RegistryAuth } from '../modem/dial.ts'
import type { Modem } from '../modem/modem.ts'
import { queryFields, renderPath } from '../modem/query.ts'
import { statusCodesOf } from './status-codes.ts'

/** A tar that is sent: the path of a file, a stream, or its bytes. */
export type Archive = string | NodeJS.ReadableStream | Uint8Array

/** Fields of a method's options that are neither query nor body. */
export interface CallControl {
  /** Ends the call; what it has brought so far stays with the caller. */
  readonly abortSignal?: AbortSignal | undefined
  /** The query or the body, where one bag for both (dockerode's way) would mix them up. */
  readonly _query?: object | undefined
  readonly _body?: object | undefined
}

/** Credentials of a registry: fields, or what is encoded already. */
export type Credentials = AuthConfig | { readonly key: string } | { readonly base64: string }

/** Options of a method: query and body of its route in one bag. */
export type Options<N extends RouteName> = CallQueryOf<N> & BodyPart<N> & CallControl

/** Options of a method that has credentials for a registry among them. */
export type WithAuth<O> = O & { readonly authconfig?: Credentials | undefined }

type BodyPart<N extends RouteName> = BodyOf<N> extends object ? Asked<BodyOf<N>> : Record<never, never>

/** A body as callers write it: what is missing the engine tells of, what is undefined is not there, and a word that we do not know may be one of another engine's. */
type Asked<T> = T extends string
  ? T | (string & {})
  : T extends readonly (infer E)[]
    ? readonly Asked<E>[]
    : T extends object
      ? { readonly [K in keyof T]?: Asked<T[K]> | undefined }
      : T

/** One call of a route, ready to be made. */
export interface Call {
  readonly params?: Readonly<Record<string, string>> | undefined
  /** dockerode's one bag: the route's query fields are picked from it, the body is all the rest. */
  readonly options?: (object & CallControl) | undefined
  readonly headers?: Readonly<Record<string, string>> | undefined
  readonly file?: Archive | undefined
  readonly auth?: Credentials | undefined
  /** Registry → credentials. */
  readonly registryconfig?: Readonly<Record<string, AuthConfig>> | { readonly base64: string } | undefined
  readonly hijack?: boolean | undefined
  readonly openStdin?: boolean | undefined
  readonly isLast?: boolean | undefined
  /** What the answer's body is to become; absent: JSON's value, or an empty buffer. */
  readonly give?: 'value' | 'bytes' | 'stream' | undefined
}

/** What is between the caller and the engine: docker-modem's, or what stands in for it. */
export type Dialler = Pick<Modem, 'dial' | 'headers' | 'Promise'>

/** Makes a call. Rejects with `EngineFailure` and the errors of the connection. */
export function callRoute(dialler: Dialler, name: RouteName, call: Call = {}): Promise<unknown> {
  return new Promise((resolve, reject) => {
    // A call's own headers would be in the place of the modem's.
    const headers = call.headers === undefined ? undefined : { ...dialler.headers, ...call.headers }
    dialler.dial(dialOptionsOf(name, { ...call, headers }), (error, result) =>
      error ? reject(error) : resolve(result),
    )
  })
}

/** Makes a call whose connection becomes a process's streams: read its output, write its stdin, `end()` closes that. */
export async function callDuplex(dialler: Dialler, name: RouteName, call: Call): Promise<Duplex> {
  const stream = (await callRoute(dialler, name, { ...call, give: 'stream' })) as Duplex | Readable
  if ('write' in stream) return stream
  const { HttpDuplex } = await import('../modem/http-duplex.ts')
  return new HttpDuplex(stream)
}

/** Fields of the bag that never travel, neither in the query nor in the body. */
const CONTROL: ReadonlySet<string> = new Set([
  'abortSignal',
  'authconfig',
  'registryconfig',
  'secrets',
  'hijack',
  '_query',
  '_body',
])

/** A call in the words of docker-modem. */
function dialOptionsOf(name: RouteName, call: Call): DialOptions {
  const route: Route = ROUTES[name]
  const { options = {}, give = 'value' } = call
  const hasBody = route.body === 'json' || route.body === 'list'
  const bag = Object.fromEntries(Object.entries(options).filter(([field]) => !CONTROL.has(field)))
  const _query = options._query ?? queryFields(route.query ?? {}, bag, hasBody)
  const _body = options._body ?? (hasBody ? bodyOf(route, options, bag) : undefined)
  return {
    path: `${renderPath(route.path, call.params ?? {})}?`,
    method: route.method,
    options: { _query, ...(_body === undefined ? {} : { _body }) },
    allowEmpty: hasBody,
    headers: call.headers,
    file: call.file as DialOptions['file'],
    authconfig: call.auth as RegistryAuth | undefined,
    registryconfig: call.registryconfig as RegistryAuth | undefined,
    hijack: call.hijack === true,
    openStdin: call.openStdin === true,
    isLast: call.isLast === true,
    isStream: give === 'stream',
    isRaw: give === 'bytes',
    statusCodes: statusCodesOf(name),
    abortSignal: options.abortSignal,
  }
}

function bodyOf(route: Route, options: object, bag: object): object {
  if (Array.isArray(options)) return options
  const fields = Object.entries(bag).filter(([field]) => route.query?.[field] === undefined)
  return Object.fromEntries(fields.filter(([field]) => field !== 'stdin'))
}
