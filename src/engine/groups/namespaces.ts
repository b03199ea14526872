import { failure } from '../../diagnostics/index.ts'
import type { ProcessOfThisBoot } from '../../linux/process-identity.ts'
import { firstProcessOf } from '../../native/index.ts'
import type { Namespaces, NetworkNamespaceFile, NetworkNamespaceMode } from '../runtime/index.ts'
import type { Container } from '../state/container.ts'
import type { ContainerTable } from '../state/container-table.ts'
import type { ContainerTerms } from '../terms/index.ts'
import { runtimeNamespaces } from '../terms/namespaces.ts'

/**
 * The namespaces that a container asks for, and comes back to where its network's is `kept`. Joined containers must run:
 * CONTAINER_NOT_RUNNING.
 */
export function namespacesOf(
  containers: ContainerTable,
  terms: ContainerTerms,
  kept?: NetworkNamespaceFile,
): Namespaces {
  const all = runtimeNamespaces(terms.namespaces, terms.network.mode, {
    process: reference => ({ kind: 'process', ...firstProcess(containers.resolve(reference)) }),
    network: reference => networkOf(networkOwner(containers, containers.resolve(reference))),
  })
  return kept !== undefined && all.net.kind === 'private' ? { ...all, net: { kind: 'private', kept } } : all
}

/** Whose processes a container's start wants: those whom it joins, and whose network it comes into with them. CONTAINER_NOT_FOUND, NETWORK_MODE. */
export function joinedBy(containers: ContainerTable, container: Container): Container[] {
  const { namespaces, network } = container.terms
  const modes = [network.mode, namespaces.pid, namespaces.ipc]
  const joined = modes.flatMap(mode => (mode.kind === 'container' ? containers.resolve(mode.reference) : []))
  const owner = network.mode.kind === 'container' ? [networkOwner(containers, container)] : []
  return [...new Set([...joined, ...owner])]
}

/** By the monitor's fd: that namespace stays the same over restarts of the container that owns it. */
function networkOf(owner: Container): NetworkNamespaceMode {
  if (owner.terms.network.mode.kind === 'host') return { kind: 'host' }
  firstProcess(owner)
  return { kind: 'path', ...networkNamespaceOf(owner) }
}

/** Follows `container:` to the container whose own network it is. CONTAINER_NOT_FOUND where one on the way has been removed, NETWORK_MODE. */
export function networkOwner(containers: ContainerTable, container: Container): Container {
  return follow(container, reference => containers.resolve(reference)) as Container
}

/** The same of one that may live on in the network of somebody who has been removed: undefined then. NETWORK_MODE. */
export function findNetworkOwner(containers: ContainerTable, container: Container): Container | undefined {
  return follow(container, reference => containers.find(reference))
}

function follow(
  container: Container,
  next: (reference: string) => Container | undefined,
  depth = 0,
): Container | undefined {
  const { mode } = container.terms.network
  if (mode.kind !== 'container') return container
  if (depth > 16) {
    throw failure({
      code: 'NETWORK_MODE',
      kind: 'invalidArgument',
      summary: `network modes of ${container.name} go round in a circle`,
    })
  }
  const other = next(mode.reference)
  return other && follow(other, next, depth + 1)
}

/** The file of the network namespace of a container that runs, or sleeps without a process; its monitor holds it. */
export function networkNamespaceOf(container: Container): Required<NetworkNamespaceFile> {
  if (!container.restsWithoutProcess) firstProcess(container)
  const { monitorPid = 0, monitorStartTime = 0n } = container.live?.status ?? {}
  return { path: `/proc/${monitorPid}/fd/100`, pid: monitorPid, startTime: monitorStartTime }
}

/** PID 1 of a container that must run. */
function firstProcess(container: Container): ProcessOfThisBoot {
  const status = container.running ? container.live?.status : undefined
  if (status !== undefined && status.pid > 0) return firstProcessOf(status)
  throw failure({
    code: 'CONTAINER_NOT_RUNNING',
    kind: 'conflict',
    summary: `cannot join container ${container.name}: it is not running`,
  })
}
