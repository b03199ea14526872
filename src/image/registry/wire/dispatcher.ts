import type { LookupFunction } from 'node:net'
import { Agent, type Dispatcher, ProxyAgent } from 'undici'

/** Longest wait for a connection, for the headers of an answer, and between two pieces of its body. */
const CONNECT_MS = 10_000
const IDLE_MS = 30_000

/** How connections are made, and until when they are. */
export interface Ways {
  /** Ends all that is sent and all connections. */
  readonly signal?: AbortSignal | undefined
  /** How names become addresses; absent: as Node looks them up. */
  readonly lookup?: LookupFunction | undefined
}

/**
 * Connections to one server, through a proxy or not. `tls`: options of node:tls for it. The signal ends connections, those that are
 * only being made, too, which would otherwise keep the process alive for as long as they may take. In a file of its own, which is loaded at
 * the first request; the bundle does not know the names in a package that is itself loaded late.
 */
export function createDispatcher(
  proxy: URL | undefined,
  tls: Readonly<Record<string, unknown>>,
  { signal, lookup }: Ways,
): Dispatcher {
  const limits = { headersTimeout: IDLE_MS, bodyTimeout: IDLE_MS, connectTimeout: CONNECT_MS }
  const ways: Readonly<Record<string, unknown>> = {
    ...(signal === undefined ? {} : { signal }),
    ...(lookup === undefined ? {} : { lookup }),
  }
  const connect = { ...tls, ...ways, timeout: CONNECT_MS }
  if (proxy === undefined) return new Agent({ ...limits, connect })
  return new ProxyAgent({ ...limits, uri: proxy.href, requestTls: connect, proxyTls: ways })
}
