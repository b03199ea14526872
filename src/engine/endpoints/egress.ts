import { asksInside, type EgressPolicy, type Endpoint, upstreamServers } from '../../network/index.ts'
import type { Container } from '../state/container.ts'

/** Where a container may go, with its networks as they are now; undefined: everywhere. */
export function egressPolicyOf(
  { terms }: Pick<Container, 'terms'>,
  endpoints: readonly Pick<Endpoint, 'network'>[],
): EgressPolicy | undefined {
  const { egress } = terms.security
  if (egress === undefined) return undefined
  const { dns } = terms.resolver
  const subnets = endpoints.flatMap(({ network }) => network.subnets)
  return {
    targets: egress,
    subnets: subnets.map(({ subnet }) => subnet),
    gateways: [...new Set(subnets.flatMap(({ gateway }) => (gateway ? [gateway] : [])))],
    servers: asksInside(dns) ? upstreamServers({ host: '', dns }) : [],
  }
}
