import type { DnsLogEntry } from '../../api/types/index.ts'
import { failure } from '../../diagnostics/index.ts'
import { isUnknownToMonitor, nativeErrorOf } from '../../native/index.ts'
import { networkOwner } from '../groups/namespaces.ts'
import type { Container } from '../state/container.ts'
import type { EngineContext } from '../state/context.ts'
import { requireLive } from './kill.ts'

/**
 * `GET /tscompose/containers/{id}/dns-log`: what a running container asks, as its relay answers it, from now on. One that is in another's
 * network asks that one's. Errors: CONTAINER_NOT_RUNNING, DNS_LOG_NONE, DNS_LOG_BUSY.
 */
export async function followDnsLog(
  engine: Pick<EngineContext, 'containers' | 'native'>,
  container: Container,
  signal: AbortSignal,
): Promise<AsyncIterable<DnsLogEntry>> {
  const owner = networkOwner(engine.containers, container)
  requireLive(owner)
  try {
    return await engine.native.followDns(owner.paths.socket, signal)
  } catch (error) {
    const errno = nativeErrorOf(error)?.errno
    if (errno === 'ENOTCONN' || isUnknownToMonitor(error))
      throw failure({
        code: 'DNS_LOG_NONE',
        kind: 'invalidArgument',
        summary: `container ${container.name} does not ask a resolver of ours`,
        hint: 'containers on networks of their project do; those on the default bridge, or in the network of the host, ask its servers themselves',
      })
    if (errno === 'EAGAIN')
      throw failure({
        code: 'DNS_LOG_BUSY',
        kind: 'unavailable',
        summary: `the resolver of container ${container.name} is being made anew`,
      })
    throw error
  }
}
