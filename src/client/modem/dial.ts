import type { Readable } from 'node:stream'
import type { StatusCodes } from './engine-failure.ts'

/** Credentials of a registry: fields, or `key`, which is encoded already, as `base64` is. */
export interface RegistryAuth {
  readonly key?: string | undefined
  readonly base64?: string | undefined
  readonly [name: string]: unknown
}

/** One call as docker-modem takes it. */
export interface DialOptions {
  /** With a question mark at its end where `options` are for the query, too. */
  readonly path: string
  readonly method?: string | undefined
  /** In the place of the modem's own. */
  readonly headers?: Readonly<Record<string, string | number | readonly string[] | undefined>> | undefined
  /** Query and, for POST, body: both, unless `_query` and `_body` tell them apart. */
  readonly options?: object | null | undefined
  /** A tar to send: its path, bytes or stream. */
  readonly file?: string | Uint8Array | Readable | undefined
  /** Send a body that has no field. */
  readonly allowEmpty?: boolean | undefined
  readonly authconfig?: RegistryAuth | undefined
  readonly registryconfig?: RegistryAuth | undefined
  /** Ask for a connection that is both ways. */
  readonly hijack?: boolean | undefined
  /** Leave the request's body open for stdin. */
  readonly openStdin?: boolean | undefined
  /** Give the answer's body as a stream. */
  readonly isStream?: boolean | undefined
  readonly statusCodes?: StatusCodes | undefined
  readonly abortSignal?: AbortSignal | undefined
  /** Ours: no call is expected behind it, so that it may be made over the connection for which the engine stays, and becomes of it. */
  readonly isLast?: boolean | undefined
  /** Ours: give the body's bytes, JSON or not. */
  readonly isRaw?: boolean | undefined
}

/** Hears how a call went: a stream, a connection, a value, or bytes that are no JSON (none, where the answer has no body). */
export type DialCallback = Listener['hear']

/** As a method, so that callers may name the kind of result that they know their path to give. */
interface Listener {
  hear(error: Error | null, result?: unknown): void
}
