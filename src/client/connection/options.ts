import type { Agent } from 'node:http'
import type { Socket } from 'node:net'
import type { checkServerIdentity, KeyObject } from 'node:tls'
import type { SshOptions } from './ssh-options.ts'

/** PEM text of certificates or keys, one or several. */
export type Pem = string | Buffer | readonly (string | Buffer)[]

/** A socket's path, or what finds it out before the first call. */
export type SocketPath = string | (() => string | Promise<string>)

/** Decides whether a certificate is that of the host. */
export type ServerIdentityCheck = typeof checkServerIdentity

/** How an engine is reached; what docker-modem takes under the same names. Without host and socket, `DOCKER_HOST` decides. */
export interface ConnectionOptions {
  readonly socketPath?: SocketPath | undefined
  /** A name, an address, or a URL (`unix://`, `tcp://`, `http://`, `https://`, `ssh://`). */
  readonly host?: string | undefined
  readonly port?: number | string | undefined
  readonly protocol?: 'http' | 'https' | 'ssh' | undefined
  /** `v1.43`: put in front of every path. */
  readonly version?: string | undefined
  /** Put in front of the version, for an engine behind a proxy that serves it at a path. */
  readonly pathPrefix?: string | undefined
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** Milliseconds without a byte until a call fails; absent: for ever. */
  readonly timeout?: number | undefined
  /** Milliseconds until a call fails whose answer has not begun. */
  readonly connectionTimeout?: number | undefined
  readonly ca?: Pem | undefined
  readonly cert?: Pem | undefined
  readonly key?: Pem | readonly KeyObject[] | undefined
  readonly checkServerIdentity?: ServerIdentityCheck | undefined
  /** Makes the connections, as agents of proxies do; calls go by Node's own client then. */
  readonly agent?: Agent | undefined
  /** Of the account at an `ssh` host. */
  readonly username?: string | undefined
  readonly password?: string | undefined
  readonly sshOptions?: SshOptions | undefined
  /** `sshOptions.agentForward`, as older callers write it. */
  readonly agentForward?: boolean | undefined
}

/** Of a modem. */
export interface ModemOptions extends ConnectionOptions {
  /** Ours: a connection that keeps the engine from ending (`holdEngine`), open until the modem is destroyed. */
  readonly held?: Socket | undefined
  /**
   * Ours: `own` are failures with the codes of docs/errors.md and the engine's words alone. Without it errors have dockerode's codes
   * (`ECONNREFUSED`, `ABORT_ERR`) and its messages.
   */
  readonly errors?: 'dockerode' | 'own' | undefined
}
