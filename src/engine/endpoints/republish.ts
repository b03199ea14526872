import type { PortsUpdate } from '../../api/types/index.ts'
import { type Failure, failure, undo } from '../../diagnostics/index.ts'
import { nativeErrorOf } from '../../native/index.ts'
import { contestedPorts, type PortRequest, type PublishedPort, publishOps } from '../../network/index.ts'
import { DEFAULT_BRIDGE } from '../networks/predefined.ts'
import type { Container } from '../state/container.ts'
import type { EngineContext } from '../state/context.ts'
import { termsOf } from '../terms/index.ts'
import { choosePorts, publishableOf, publishedTargets } from './ports.ts'

/** Whether ports of the container can be changed while it runs: it has a relay, which it is born with or never has. Of one that does not run they always can. */
export function takesPorts({ active, terms, record }: Container): boolean {
  const onOwn = record.endpoints.some(({ networkName }) => networkName !== DEFAULT_BRIDGE.name)
  return active && terms.network.mode.kind === 'network' && (onOwn || record.ports.length > 0)
}

/**
 * Publishes other ports of a container, from its next start on where it does not run; the caller holds its lock. Who comes by one that stays notices nothing. PORT_IN_USE and the
 * like leave all as it was. The ports are in the record before the labels that say so: an engine that is killed in between is asked again.
 */
export async function republish(
  engine: EngineContext,
  container: Container,
  { PortBindings = {}, ExposedPorts = {}, Labels = {} }: PortsUpdate,
): Promise<void> {
  if (container.active && !takesPorts(container)) throw fixed(container)
  const { config, hostConfig, imageId } = container.record
  const image = await engine.images.resolve(imageId)
  const exposed = { ...image?.config.ExposedPorts, ...ExposedPorts }
  const next = {
    config: { ...config, ExposedPorts: exposed, Labels: { ...config.Labels, ...Labels } },
    hostConfig: { ...hostConfig, PortBindings },
  }
  if (!container.active) {
    container.save(next)
    return
  }
  const { published } = termsOf(next.config, next.hostConfig).ports
  await engine.locks.run('ports', () => changePorts(engine, container, published))
  container.save(next)
  await engine.firewall.apply()
}

async function changePorts(
  engine: EngineContext,
  container: Container,
  published: readonly PortRequest[],
): Promise<void> {
  const { ports: before } = container.record
  const requests = publishableOf(engine, container, published)
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
    const ports = await choosePorts(engine, container, requests, has)
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
