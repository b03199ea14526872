import { Agent, type Dispatcher, ProxyAgent } from 'undici'

/** Longest wait for a connection, for the headers of an answer, and between two pieces of its body. */
const CONNECT_MS = 10_000
const IDLE_MS = 30_000

/**
 * Connections to one server, through a proxy or not. `tls`: options of node:tls for it. `signal` ends connections, those that are
 * only being made, too, which would otherwise keep the process alive for as long as they may take. In a file of its own, which is loaded at
 * the first request; the bundle does not know the names in a package that is itself loaded late.
 */
export function createDispatcher(
  proxy: URL | undefined,
  tls: Readonly<Record<string, unknown>>,
  signal: AbortSignal | undefined,
): Dispatcher {
  const limits = { headersTimeout: IDLE_MS, bodyTimeout: IDLE_MS, connectTimeout: CONNECT_MS }
  const ending: Readonly<Record<string, unknown>> = signal === undefined ? {} : { signal }
  const connect = { ...tls, ...ending, timeout: CONNECT_MS }
  if (proxy === undefined) return new Agent({ ...limits, connect })
  return new ProxyAgent({ ...limits, uri: proxy.href, requestTls: connect, proxyTls: ending })
}
