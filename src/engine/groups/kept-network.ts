import { closeSync, fstatSync, openSync, statSync } from 'node:fs'
import { errnoOf } from '../../diagnostics/index.ts'
import { isAlive, ownIdentity, type ProcessIdentity } from '../../linux/process-identity.ts'
import { CONTAINER_NETNS_FD, monitorOf } from '../../native/index.ts'
import type { NetworkNamespaceFile } from '../runtime/index.ts'
import type { Container } from '../state/container.ts'
import type { ContainerTable } from '../state/container-table.ts'
import type { HeldNetwork } from '../state/held-network.ts'
import type { RunIds } from '../state/user-namespaces.ts'
import { findNetworkOwner } from './namespaces.ts'

/** Containers that live in another's network now, by the one whose network it is. */
export function sharersOf(containers: ContainerTable): ReadonlyMap<Container, readonly Container[]> {
  const found = new Map<Container, Container[]>()
  for (const container of containers.values()) {
    const { mode } = container.terms.network
    if (mode.kind !== 'container' || container.live === undefined) continue
    const owner = findNetworkOwner(containers, container)
    if (owner === undefined) continue
    found.set(owner, [...(found.get(owner) ?? []), container])
  }
  return found
}

/** Tells whether others must keep off a container's addresses: it has them now, or somebody lives on in its network without it. */
export function networksInUse(containers: ContainerTable): (container: Container) => boolean {
  const sharers = sharersOf(containers)
  return container => container.holdsAddresses || sharers.has(container)
}

/** Whether a container is in another's network, which comes back to it whenever it is restarted or replaced. */
export function staysInNetwork(containers: ContainerTable, container: Container): boolean {
  const { mode } = container.terms.network
  return (
    mode.kind === 'container' &&
    findNetworkOwner(containers, container)?.terms.network.mode.kind === 'network'
  )
}

/** The file of a container's network namespace, of whichever monitor holds it: its own, or one of those that share it. */
export function networkFileOf(
  containers: ContainerTable,
  container: Container,
): Required<NetworkNamespaceFile> | undefined {
  for (const each of [container, ...(sharersOf(containers).get(container) ?? [])]) {
    const monitor = activeMonitor(each)
    if (monitor !== undefined) return fileOf(monitor, CONTAINER_NETNS_FD)
  }
  return undefined
}

/**
 * The namespace that a container comes back to, held by this process: that in which others live on, else that of the run before
 * where it was held for this one. Undefined where it gets a new one: there is none, or it is one of other ids, over which the
 * container would have no rights.
 */
export function keptNetwork(
  containers: ContainerTable,
  container: Container,
  ids: RunIds,
): HeldNetwork | undefined {
  const { mode } = container.terms.network
  if (mode.kind === 'host' || mode.kind === 'container') return letGo(container)
  const shared = (sharersOf(containers).get(container) ?? []).flatMap(each => holdNetwork(each) ?? [])
  const held = [...shared, ...(container.heldNetwork === undefined ? [] : [container.heldNetwork])]
  container.heldNetwork = undefined
  // Where nobody else is in it, nothing is left in it but what this container is made with.
  const isFit = (each: HeldNetwork): boolean =>
    hasSameIds(each.ids, ids) && (shared.length > 0 || each.sysctls === sysctlsOf(container))
  const chosen = held.find(isFit)
  for (const each of held) if (each !== chosen) each.release()
  return chosen
}

/** Releases what was held for a container that does not need it. */
export function letGo(container: Container): undefined {
  container.heldNetwork?.release()
  container.heldNetwork = undefined
}

/** Opens the namespace that a container runs in, which stays until it is released; undefined where none runs. */
export function holdNetwork(container: Container): HeldNetwork | undefined {
  const { ids } = container.record.state
  const monitor = activeMonitor(container)
  if (monitor === undefined || ids === undefined) return undefined
  const fd = openNetwork(monitor)
  if (fd === undefined) return undefined
  let isOpen = true
  return {
    file: fileOf(ownIdentity(), fd),
    ids,
    sysctls: sysctlsOf(container),
    release() {
      if (isOpen) closeSync(fd)
      isOpen = false
    },
  }
}

/** The number by which the kernel knows the network namespace of a running container; undefined where it runs no more. */
export function networkNumberOf(container: Container): number | undefined {
  const monitor = activeMonitor(container)
  if (monitor === undefined) return undefined
  return statSync(fileOf(monitor, CONTAINER_NETNS_FD).path, { throwIfNoEntry: false })?.ino
}

/** A monitor that has made its container's namespaces; before, its descriptor is of the host's. */
function activeMonitor({ active, live }: Container): ProcessIdentity | undefined {
  return active && live?.status !== undefined ? monitorOf(live.status) : undefined
}

function fileOf({ pid, startTime }: ProcessIdentity, fd: number): Required<NetworkNamespaceFile> {
  return { path: `/proc/${pid}/fd/${fd}`, pid, startTime }
}

/** Undefined where the monitor has ended meanwhile, and for the host's. */
function openNetwork(monitor: ProcessIdentity): number | undefined {
  let fd: number
  try {
    fd = openSync(`/proc/${monitor.pid}/fd/${CONTAINER_NETNS_FD}`, 'r')
  } catch (error) {
    if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ESRCH') return undefined
    throw error
  }
  if (isAlive(monitor) && fstatSync(fd).ino !== statSync('/proc/self/ns/net').ino) return fd
  closeSync(fd)
  return undefined
}

function sysctlsOf({ terms }: Container): string {
  return JSON.stringify(Object.entries(terms.sysctls.values).sort(([a], [b]) => (a < b ? -1 : 1)))
}

function hasSameIds(a: RunIds, b: RunIds): boolean {
  if ('first' in a && 'first' in b) return a.first === b.first
  return !('first' in a) && !('first' in b)
}
