import type { RefusedDestination } from '../../api/types/index.ts'
import { failure } from '../../diagnostics/index.ts'
import { readRefusals, refusalOps } from '../../network/index.ts'
import { networkFileOf } from '../groups/kept-network.ts'
import type { Container } from '../state/container.ts'
import type { EngineContext } from '../state/context.ts'

/**
 * `GET /tscompose/containers/{id}/refused`: where a container was kept from going, the last first. The kernel remembers it with the container's network
 * namespace, so it outlives engines and restarts. None of one that has no namespace now. Errors: EGRESS_FREE.
 */
export async function listRefused(
  engine: Pick<EngineContext, 'containers' | 'native'>,
  container: Container,
): Promise<readonly RefusedDestination[]> {
  if (container.terms.security.egress === undefined)
    throw failure({
      code: 'EGRESS_FREE',
      kind: 'invalidArgument',
      summary: `container ${container.name} may go everywhere: its service has no egress`,
    })
  const file = networkFileOf(engine.containers, container)
  if (file === undefined) return []
  const { outputs } = await engine.native.run({ setup: refusalOps(file) })
  return readRefusals(outputs, Date.now())
}
