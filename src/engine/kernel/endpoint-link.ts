import { existsSync, readlinkSync } from 'node:fs'
import { basename } from 'node:path'
import type { Drift } from '../../api/types/index.ts'
import { errnoOf } from '../../diagnostics/index.ts'
import { startTimeOf } from '../../linux/process-identity.ts'
import { bridgeName, vethName } from '../../network/index.ts'
import type { Container } from '../state/container.ts'
import type { EngineContext } from '../state/context.ts'

/**
 * What the kernel has otherwise than this engine set it up, for a container that should run: its process, and the
 * outside ends of its endpoints with their bridges. A handful of stats, so that every inspect can afford them.
 */
export function observeDrift(engine: EngineContext, container: Container): Drift[] {
  if (!container.running) return []
  return [...processDrift(container), ...container.record.endpoints.flatMap(each => linkDrift(engine, each))]
}

function processDrift(container: Container): Drift[] {
  const status = container.live?.status
  if (status === undefined) return []
  const got = startTimeOf(status.pid)
  if (got === String(status.pidStartTime)) return []
  return [{ Path: 'process', Want: String(status.pid), Got: got === undefined ? 'gone' : 'another process' }]
}

function linkDrift(
  engine: EngineContext,
  endpoint: { networkId: string; networkName: string; endpointId: string },
): Drift[] {
  const network = engine.networks.find(endpoint.networkId)
  const path = `endpoint.${endpoint.networkName}`
  if (network === undefined) return [{ Path: `${path}.network`, Want: endpoint.networkId, Got: 'removed' }]
  const [link, bridge] = [vethName(endpoint.endpointId), bridgeName(network)]
  if (!existsSync(`/sys/class/net/${link}`)) return [{ Path: `${path}.link`, Want: link, Got: 'missing' }]
  const master = masterOf(link)
  return master === bridge ? [] : [{ Path: `${path}.bridge`, Want: bridge, Got: master ?? 'none' }]
}

function masterOf(link: string): string | undefined {
  try {
    return basename(readlinkSync(`/sys/class/net/${link}/master`))
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined
    throw error
  }
}
