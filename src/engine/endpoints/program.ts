import {
  asksInside,
  HOST_RESOLV_CONF,
  lookOps,
  type NamespaceContent,
  type NetworkOps,
  namespaceContent,
  needsRelay,
  networkProgram,
  upstreamServers,
} from '../../network/index.ts'
import { namesFilesOf } from '../names/own.ts'
import { isDefaultBridge } from '../networks/predefined.ts'
import type { NetworkNamespaceFile } from '../runtime/index.ts'
import { capabilityBit, relayConfinement, resolveCapabilities } from '../security/index.ts'
import type { Container } from '../state/container.ts'
import type { EngineContext } from '../state/context.ts'
import { egressPolicyOf } from './egress.ts'
import { type JoinedEndpoint, kernelEndpoints } from './joined.ts'

/**
 * Whether names are answered at 127.0.0.11: on every network of the user's own, and on the default bridge when the
 * host's servers cannot be reached from there, as where the container is held to its egress.
 */
export function hasEmbeddedDns(
  container: Container,
  joined: readonly JoinedEndpoint[],
  hostResolvConf: string,
): boolean {
  if (joined.some(({ network }) => !isDefaultBridge(network))) return true
  if (joined.length > 0 && container.terms.security.egress !== undefined) return true
  return joined.length > 0 && needsRelay({ host: hostResolvConf, dns: container.terms.resolver.dns })
}

/** Whether it is held to its own addresses: all are but those that may give themselves others, or are told to route. */
export function isGuarded(engine: Pick<EngineContext, 'host' | 'paths'>, container: Container): boolean {
  const { security, sysctls } = container.terms
  const capabilities = resolveCapabilities(security, engine.host.capabilities)
  return !sysctls.forwards && (capabilities & capabilityBit('NET_ADMIN')) === 0n
}

/** What is in a network namespace now. */
export async function contentOf(
  engine: Pick<EngineContext, 'native'>,
  file: Required<NetworkNamespaceFile>,
): Promise<NamespaceContent> {
  const { outputs } = await engine.native.run({ setup: lookOps(file) })
  return namespaceContent(outputs)
}

/** What the network side adds to the container's program: interfaces, in a namespace that is new or `kept`, the relay for names, published ports. */
export function buildNetworkProgram(
  engine: Pick<EngineContext, 'host' | 'paths'>,
  container: Container,
  joined: readonly JoinedEndpoint[],
  hostResolvConf: string,
  kept: NamespaceContent | undefined,
): NetworkOps {
  const { dns } = container.terms.resolver
  const endpoints = kernelEndpoints(container, joined, {
    container: container.name,
    engineId: engine.paths.engineId,
  })
  const egress = egressPolicyOf(container, endpoints)
  return networkProgram({
    run: engine.paths.run,
    endpoints,
    ...(egress === undefined ? {} : { egress }),
    names: namesFilesOf(container),
    published: container.published,
    guarded: isGuarded(engine, container),
    relay: relayConfinement(engine.host.architecture),
    dns: hasEmbeddedDns(container, joined, hostResolvConf),
    upstreams: upstreamServers({ host: hostResolvConf, dns }),
    askInside: asksInside(dns),
    ...(asksInside(dns) ? {} : { resolvConf: HOST_RESOLV_CONF }),
    ...(kept === undefined ? {} : { kept }),
  })
}
