import { randomUUID } from 'node:crypto'
import type { Duplex } from 'node:stream'
import type { AuthConfig } from '../../api/types/index.ts'
import type { Dialler } from '../calls/call.ts'
import type { BuildCallOptions } from './build-call.ts'
import { serveGrpc } from './grpc-server.ts'
import { bytesField, readFields } from './wire-format.ts'

/** What BuildKit asks of whoever builds, while it builds. */
export interface BuildSession {
  readonly id: string
  end(): void
}

/** The methods of a session (BuildKit's session/auth/auth.proto, and gRPC's own health check). */
const CREDENTIALS = '/moby.filesync.v1.Auth/Credentials'
const HEALTH = '/grpc.health.v1.Health/Check'

/** Health's `SERVING`: field 1, 1. */
const SERVING = Buffer.from([0x08, 0x01])

/**
 * Opens a session for a build: a connection over which BuildKit asks for the credentials of the registries that it pulls from. They are
 * those of `registryconfig`, or `authconfig` for each.
 */
export async function openSession(dialler: Dialler, options: BuildCallOptions): Promise<BuildSession> {
  const id = randomUUID()
  const connection = await connectSession(dialler, id)
  const { end } = await serveGrpc(connection, {
    [CREDENTIALS]: request => credentialsFor(hostOf(request), options),
    [HEALTH]: () => SERVING,
  })
  return { id, end }
}

function connectSession(dialler: Dialler, id: string): Promise<Duplex> {
  const headers = {
    Upgrade: 'h2c',
    'X-Docker-Expose-Session-Uuid': id,
    'X-Docker-Expose-Session-Name': 'tscompose',
    'X-Docker-Expose-Session-Grpc-Method': CREDENTIALS,
  }
  const call = {
    path: '/session',
    method: 'POST',
    hijack: true,
    headers,
    statusCodes: { 500: 'server error' },
  }
  return new Promise((resolve, reject) => {
    dialler.dial(call, (error, result) => (error ? reject(error) : resolve(result as Duplex)))
  })
}

/** Of a CredentialsRequest. */
function hostOf(request: Buffer): string {
  const fields = Object.fromEntries(readFields(request))
  return Buffer.isBuffer(fields[1]) ? fields[1].toString('utf8') : ''
}

/** A CredentialsResponse: empty where there are none. */
function credentialsFor(host: string, { registryconfig = {}, authconfig }: BuildCallOptions): Buffer {
  const isTheHub = /^(registry-1\.|index\.|auth\.)?docker\.io$/.test(host)
  const names = isTheHub ? [host, 'https://index.docker.io/v1/', 'docker.io'] : [host, `https://${host}`]
  const named = names.map(name => registryconfig[name]).find(auth => auth !== undefined)
  const {
    username = '',
    password = '',
    identitytoken,
  }: AuthConfig = named ?? (authconfig as AuthConfig) ?? {}
  const secret = identitytoken || password
  if (secret === '') return Buffer.alloc(0)
  // Without a name the secret is a token (BuildKit's util/resolver).
  return Buffer.concat([bytesField(1, identitytoken ? '' : username), bytesField(2, secret)])
}
