import { createConnection } from 'node:net'
import type { ConnectionOptions as TlsOptions } from 'node:tls'
import type { Wire } from '../http/wire.ts'
import type { Settings } from './settings.ts'

/** Begins a connection to the engine, and need not wait for it. Errors: those of ssh. */
export async function connect(settings: Settings, socketPath: string | undefined): Promise<Wire> {
  if (socketPath !== undefined) return createConnection({ path: socketPath })
  const { protocol } = settings
  const [host, port] = [hostName(settings), Number(settings.port)]
  if (protocol === 'http') return createConnection({ host, port, noDelay: true })
  // Both are a good part of Node's start: only who needs them loads them.
  if (protocol === 'ssh') return (await import('./ssh.ts')).connectBySsh(settings)
  const { connect: connectByTls } = await import('node:tls')
  return connectByTls({ host, port, ...tlsOptions(settings) }).setNoDelay(true)
}

/** What of the settings is for TLS. */
export function tlsOptions(settings: Settings): TlsOptions {
  const { ca, cert, key, checkServerIdentity } = settings
  const host = hostName(settings)
  return {
    servername: /^[\d.]+$|:/.test(host) ? '' : host,
    // Node takes lists that are read-only too; its types do not say so.
    ...({ ca, cert, key } as TlsOptions),
    ...(typeof checkServerIdentity === 'function' ? { checkServerIdentity } : {}),
  }
}

/** The host as a name or a plain address. */
export function hostName({ host = '' }: Pick<Settings, 'host'>): string {
  return host.replace(/^\[|\]$/g, '')
}
