import type { Container } from '../state/container.ts'
import type { ContainerTable } from '../state/container-table.ts'
import { shortId } from '../words/ids.ts'
import { networkOwner } from './namespaces.ts'

/** Names that a container has in its UTS namespace. */
interface HostNames {
  readonly hostname: string
  readonly domainname?: string
}

/** `create` has given each container a name; one that is in another's network has the names of that one, as with dockerd. */
export function hostNamesOf(containers: ContainerTable, container: Container): HostNames {
  const { id, terms } = networkOwner(containers, container)
  return { hostname: shortId(id), ...terms.names }
}
