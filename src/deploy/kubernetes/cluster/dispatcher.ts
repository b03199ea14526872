import { Agent, type Dispatcher, ProxyAgent } from 'undici'

/** Longest wait for a connection and for the headers of an answer; what is followed may be silent for any time. */
const CONNECT_MS = 10_000
const HEADERS_MS = 60_000

/** Connections to one API server, through a proxy or not. In a file of its own, which is loaded at the first request. */
export function createDispatcher(proxy: URL | undefined, tls: Readonly<Record<string, unknown>>): Dispatcher {
  const limits = { headersTimeout: HEADERS_MS, bodyTimeout: HEADERS_MS }
  const connect = { ...tls, timeout: CONNECT_MS }
  if (proxy === undefined) return new Agent({ ...limits, connect })
  return new ProxyAgent({ ...limits, uri: proxy.href, requestTls: connect })
}
