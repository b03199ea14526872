import { compareText } from '../spec/canonical.ts'
import type { Observed, ObservedContainer, ObservedNetwork, ObservedVolume } from './observed.ts'

/** The service's replicas that are there, lowest number first; one-offs, hooks and containers that are not ours left out. */
export function replicasOf(observed: Observed, serviceName: string): ObservedContainer[] {
  const known = replicasByService.get(observed) ?? indexReplicas(observed)
  replicasByService.set(observed, known)
  return [...(known.get(serviceName) ?? [])]
}

/** What was observed never changes: it is gone through once, not for each service. */
const replicasByService = new WeakMap<Observed, ReadonlyMap<string, readonly ObservedContainer[]>>()

function indexReplicas({ containers }: Observed): ReadonlyMap<string, readonly ObservedContainer[]> {
  const index = new Map<string, ObservedContainer[]>()
  for (const container of containers.filter(isReplica).sort(byNumber)) {
    const found = index.get(container.service)
    if (found === undefined) index.set(container.service, [container])
    else found.push(container)
  }
  return index
}

/** True for a container that Compose made for a service, to stay. */
export function isReplica(container: ObservedContainer): boolean {
  return !container.oneOff && !container.hook && container.configHash !== ''
}

/** Order of replicas: by number, then by name. */
export function byNumber(a: ObservedContainer, b: ObservedContainer): number {
  return a.number - b.number || compareText(a.name, b.name)
}

/** Order of containers of many services. */
export function byName(a: { readonly name: string }, b: { readonly name: string }): number {
  return compareText(a.name, b.name)
}

/** True while a container has processes. */
export function isAlive(container: ObservedContainer): boolean {
  return container.state === 'running' || container.state === 'paused' || container.state === 'restarting'
}

/** The network with this name; of several, the project's own. */
export function networkNamed(observed: Observed, name: string): ObservedNetwork | undefined {
  const found = observed.networks.filter(network => network.name === name)
  return found.find(network => network.project === observed.project) ?? found[0]
}

/** The volume with this name. */
export function volumeNamed(observed: Observed, name: string): ObservedVolume | undefined {
  return observed.volumes.find(volume => volume.name === name)
}
