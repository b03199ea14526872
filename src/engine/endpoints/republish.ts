import { type Failure, failure, undo } from '../../diagnostics/index.ts'
import { nativeErrorOf } from '../../native/index.ts'
import { contestedPorts, type PortRequest, type PublishedPort, publishOps } from '../../network/index.ts'
import { DEFAULT_BRIDGE } from '../networks/predefined.ts'
import type { Container } from '../state/container.ts'
import type { EngineContext } from '../state/context.ts'
import { choosePorts, publishableOf, publishedTargets } from './ports.ts'
import { tellShortcut } from './shortcut.ts'

/** Whether ports of the container can be changed while it runs: it has a relay, which it is born with or never has. */
export function takesPorts({ active, terms, record }: Container): boolean {
  const onOwn = record.endpoints.some(({ networkName }) => networkName !== DEFAULT_BRIDGE.name)
  return active && terms.network.mode.kind === 'network' && (onOwn || record.ports.length > 0)
}

/**
 * Has a container that runs publish what its terms say; the caller holds its lock. Who comes by a port that stays notices nothing.
 * `before`: what it was asked to publish until now. PORT_IN_USE and the like leave all as it was.
 */
export async function republish(
  engine: EngineContext,
  container: Container,
  before: readonly PortRequest[],
): Promise<void> {
  if (!takesPorts(container)) throw fixed(container)
  const { published } = container.terms.ports
  await engine.locks.run('ports', () =>
    engine.localNames.giveWay(published, () => changePorts(engine, container, before)),
  )
  await engine.firewall.apply()
  await tellShortcut(engine, container)
}

/**
 * Has ports lead to what addresses a container that runs has by now, and none where it has none to which the host passes anything on: whoever gets its old address
 * next is not meant. The caller holds its lock. PORT_IN_USE and the like leave all as it was.
 */
export async function publishOnNetworks(engine: EngineContext, container: Container): Promise<void> {
  const { published } = container.terms.ports
  if (published.length > 0 && takesPorts(container)) await republish(engine, container, published)
}

async function changePorts(
  engine: EngineContext,
  container: Container,
  askedBefore: readonly PortRequest[],
): Promise<void> {
  const { ports: before } = container.record
  const requests = publishableOf(engine, container, container.terms.ports.published)
  const contested = contestedPorts(requests, before)
  const has = before.filter(port => !contested.has(port))
  const listen = async (ports: readonly PublishedPort[]): Promise<Container['published']> => {
    const targets = publishedTargets(engine, container, ports)
    await container.live?.connection.setPorts(publishOps(targets)).catch(error => {
      throw nativeErrorOf(error)?.errno === 'ENOTCONN' ? fixed(container) : error
    })
    return targets
  }
  if (contested.size > 0) await listen(has)
  try {
    const ports = await choosePorts(engine, container, requests, { has, before: askedBefore })
    const targets = await listen(ports)
    container.saveRun({ ports })
    container.published = targets
  } catch (error) {
    if (contested.size > 0)
      await undo(engine, `publish other ports of ${container.name}`, [() => listen(before)])
    throw error
  }
}

function fixed({ name }: Container): Failure {
  return failure({
    code: 'PORTS_FIXED',
    kind: 'conflict',
    summary: `ports of container ${name} cannot be changed while it runs: it has no network of its own that they could lead to`,
    hint: 'make it anew',
  })
}
