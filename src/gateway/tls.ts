import { constants, X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createSecureContext, createServer, type Server, type TLSSocket, type TlsOptions } from 'node:tls'
import { failure, messageOf } from '../diagnostics/index.ts'

/** Files in PEM, as dockerd takes them. */
export interface TlsFiles {
  /** Authorities whose clients are let in. */
  readonly ca: string
  readonly cert: string
  readonly key: string
}

/** Milliseconds in which a client has shown who it is. */
const HANDSHAKE_LIMIT = 5_000

/**
 * What makes TLS of connections, with a certificate asked of each client: without one that an authority of `ca` signed nobody gets
 * as far as a byte to the engine. `onClient` is given those who were let in. Errors: TLS_FILES.
 */
export function createTls(files: TlsFiles, onClient: (socket: TLSSocket) => void): Server {
  const options: TlsOptions = {
    ca: read('authority', files.ca),
    cert: read('certificate', files.cert),
    key: read('key', files.key),
    requestCert: true,
    rejectUnauthorized: true,
    minVersion: 'TLSv1.2',
    // A session that is resumed would let a client in whose certificate has expired meanwhile.
    secureOptions: constants.SSL_OP_NO_TICKET,
    ALPNProtocols: ['http/1.1'],
    handshakeTimeout: HANDSHAKE_LIMIT,
    // Clients end their half of a connection where the input of a process ends.
    allowHalfOpen: true,
  }
  check(files, options)
  return createServer(options, onClient)
}

/** Now, and not when the first client comes. */
function check(files: TlsFiles, options: TlsOptions): void {
  try {
    createSecureContext(options)
    // OpenSSL passes over a file without any authority, and then nobody could come in.
    new X509Certificate(String(options.ca))
  } catch (error) {
    throw invalid(`${files.ca}, ${files.cert} and ${files.key} do not go together`, error)
  }
}

function read(what: string, path: string): Buffer {
  try {
    return readFileSync(path)
  } catch (error) {
    throw invalid(`the ${what} cannot be read`, error)
  }
}

function invalid(detail: string, cause: unknown): Error {
  return failure({
    code: 'TLS_FILES',
    kind: 'invalidArgument',
    summary: `Set TLS up: ${detail}: ${messageOf(cause)}`,
    hint: '--tlscacert, --tlscert and --tlskey name files in PEM',
    cause,
  })
}
