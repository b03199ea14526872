import type { Refusal } from '../../api/types/index.ts'
import { failure } from '../../diagnostics/index.ts'
import { isUnknownToMonitor, nativeErrorOf, type RefusedName } from '../../native/index.ts'
import { readRefusals, refusalOps } from '../../network/index.ts'
import { networkFileOf } from '../groups/kept-network.ts'
import type { Container } from '../state/container.ts'
import type { EngineContext } from '../state/context.ts'

/**
 * `GET /tscompose/containers/{id}/refused`: what a container was kept from, the last first. Addresses the kernel remembers with the container's network
 * namespace, so they outlive engines and restarts; names its relay, as long as that lives. None of one that has no namespace now. Errors: EGRESS_FREE.
 */
export async function listRefused(
  engine: Pick<EngineContext, 'containers' | 'native'>,
  container: Container,
): Promise<readonly Refusal[]> {
  if (container.terms.security.egress === undefined)
    throw failure({
      code: 'EGRESS_FREE',
      kind: 'invalidArgument',
      summary: `container ${container.name} may go everywhere: its service has no egress`,
    })
  const file = networkFileOf(engine.containers, container)
  if (file === undefined) return []
  const [{ outputs }, names] = await Promise.all([
    engine.native.run({ setup: refusalOps(file) }),
    namesOf(engine, container),
  ])
  return [...readRefusals(outputs, Date.now()), ...names].sort((a, b) => b.last - a.last)
}

/** None where no relay is there to tell, or just now, or one of a version that does not know. */
async function namesOf(
  engine: Pick<EngineContext, 'native'>,
  { live, paths }: Container,
): Promise<readonly RefusedName[]> {
  if (live === undefined) return []
  try {
    return await engine.native.refusedNames(paths.socket)
  } catch (error) {
    const errno = nativeErrorOf(error)?.errno
    if (errno === 'ENOTCONN' || errno === 'EAGAIN' || isUnknownToMonitor(error)) return []
    throw error
  }
}
