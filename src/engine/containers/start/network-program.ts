import { type NetworkOps, needsRelay, networkProgram, upstreamServers } from '../../../network/index.ts'
import type { EngineContext } from '../../context.ts'
import { isDefaultBridge } from '../../networks/predefined.ts'
import type { Container } from '../container.ts'
import { type JoinedEndpoint, kernelEndpoints } from './network.ts'

/**
 * Whether names are answered at 127.0.0.11: on every network of the user's own, and on the default bridge when the
 * host's servers cannot be reached from there.
 */
export function hasEmbeddedDns(
  container: Container,
  joined: readonly JoinedEndpoint[],
  hostResolvConf: string,
): boolean {
  if (joined.some(({ network }) => !isDefaultBridge(network))) return true
  return joined.length > 0 && needsRelay({ host: hostResolvConf, dns: container.record.hostConfig.Dns ?? [] })
}

/** What the network side adds to the container's program: interfaces, the relay for names, published ports. */
export function buildNetworkProgram(
  engine: EngineContext,
  container: Container,
  joined: readonly JoinedEndpoint[],
  hostResolvConf: string,
): NetworkOps {
  return networkProgram({
    run: engine.paths.run,
    endpoints: kernelEndpoints(joined),
    published: container.published,
    dns: hasEmbeddedDns(container, joined, hostResolvConf),
    upstreams: upstreamServers({ host: hostResolvConf, dns: container.record.hostConfig.Dns ?? [] }),
  })
}
