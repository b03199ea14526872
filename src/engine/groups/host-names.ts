import type { Container } from '../state/container.ts'
import type { ContainerTable } from '../state/container-table.ts'
import { shortId } from '../words/ids.ts'
import { findNetworkOwner, networkOwner } from './namespaces.ts'

/** Names that a container has in its UTS namespace. */
interface HostNames {
  readonly hostname: string
  readonly domainname?: string
}

/** `create` has given each container a name; one that is in another's network has the names of that one, as with dockerd. */
export function hostNamesOf(containers: ContainerTable, container: Container): HostNames {
  return namesOf(networkOwner(containers, container))
}

function namesOf({ id, terms }: Container): HostNames {
  return { hostname: shortId(id), ...terms.names }
}

/** The names that an inspect tells: its own, and from its first start on those of the one whose network it is in. */
export function toldNamesOf(
  containers: ContainerTable,
  container: Container,
): { readonly Hostname?: string; readonly Domainname?: string } {
  const { mode } = container.terms.network
  if (mode.kind !== 'container' || container.record.state.startedAt === undefined) return {}
  const owner = findNetworkOwner(containers, container)
  if (owner === undefined) return {}
  const { hostname, domainname = '' } = namesOf(owner)
  return { Hostname: hostname, Domainname: domainname }
}
