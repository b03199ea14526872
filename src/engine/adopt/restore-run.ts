import { readBootId } from '../../linux/process-identity.ts'
import { type PublishedPort, readNamed } from '../../network/index.ts'
import { findStatus } from '../containers/run/last-status.ts'
import { rememberRun } from '../containers/run/monitor-status.ts'
import { assignAddresses } from '../endpoints/addresses.ts'
import { defaultBridgeName } from '../networks/default-bridge.ts'
import { isDefaultBridge } from '../networks/predefined.ts'
import type { Container } from '../state/container.ts'
import type { EndpointRecord } from '../state/container-record.ts'
import type { EngineContext } from '../state/context.ts'
import { nanoTime } from '../words/timestamps.ts'

/**
 * Makes the record of a run anew that was lost with `state.json`: a container that its monitor, or its status file, tells of
 * has run. Addresses are those that the names files tell, host ports those that were asked for by number; what cannot be found
 * is in the state and in a warning. For all containers before the first is adopted, since adopting writes names files.
 */
export async function restoreRun(engine: EngineContext, container: Container): Promise<void> {
  const { state } = container.record
  if (state.bootId === readBootId()) return
  const status = await findStatus(engine, container)
  const neverRan = state.bootId === undefined && state.startedAt === undefined
  // What ran before a reboot, and has not run since, the record knows, and its file tells of another boot.
  if (status?.startedAt === undefined || !(neverRan || status.bootId === readBootId())) return
  const runs = status.phase !== 'exited'
  const { endpoints, lost: addresses } = await restoreEndpoints(engine, container)
  const { ports, lost: hostPorts } = runs ? restorePorts(container) : { ports: [], lost: [] }
  const lost = runs ? [...addresses, ...hostPorts] : []
  const error = lost.length === 0 ? '' : `the record of its run was lost, and with it ${lost.join(' and ')}`
  rememberRun(engine, container, {
    endpoints,
    ports,
    state: {
      ...state,
      bootId: status.bootId,
      startedAt: nanoTime(status.startedAt),
      restartCount: status.restartCount,
      manuallyStopped: status.stopped,
      error,
    },
  })
  engine.warn({
    severity: 'warning',
    code: 'RUN_RESTORED',
    summary: `${container.name}: the record of its run was lost, and is made anew from what its monitor says`,
    ...(lost.length === 0
      ? {}
      : { detail: `not known: ${lost.join(', ')}`, hint: 'they are known from its next start on' }),
  })
}

/** The endpoints with the addresses under which the others of their networks know the container. */
async function restoreEndpoints(
  engine: EngineContext,
  container: Container,
): Promise<{ readonly endpoints: EndpointRecord[]; readonly lost: string[] }> {
  const lost: string[] = []
  const endpoints: EndpointRecord[] = []
  for (const record of container.record.endpoints) {
    const named = { id: record.networkId, name: record.networkName }
    const { id } = isDefaultBridge(named) ? defaultBridgeName(engine) : named
    const network = engine.networks.find(id)
    const addresses = await readNamed(engine.paths.run, id, container.id.slice(0, 12))
    if (network === undefined || addresses.length === 0) {
      lost.push(`its address on ${record.networkName}`)
      endpoints.push(record)
    } else {
      // They are its own, so each gets back what it had, with all that follows from it.
      const joined = [{ network, record: { ...record, networkId: id, addresses } }]
      endpoints.push(...assignAddresses(engine, container, joined).map(each => each.record))
    }
  }
  return { endpoints, lost }
}

/** The host ports that were asked for by number; the ones that were drawn only the monitor has. */
function restorePorts({ record: { endpoints }, terms }: Container): {
  readonly ports: PublishedPort[]
  readonly lost: string[]
} {
  const requests = endpoints.length === 0 ? [] : terms.ports.published
  const ports: PublishedPort[] = []
  const lost: string[] = []
  for (const { protocol, hostIps, containerPort, range } of requests) {
    if (range !== undefined && range.from === range.to)
      ports.push(...hostIps.map(hostIp => ({ protocol, hostIp, hostPort: range.from, containerPort })))
    else lost.push(`the host port of ${containerPort}/${protocol}`)
  }
  return { ports, lost }
}
