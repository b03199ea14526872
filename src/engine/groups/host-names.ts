import type { Container } from '../state/container.ts'
import type { EngineContext } from '../state/context.ts'
import { shortId } from '../words/ids.ts'
import { networkOwner } from './namespaces.ts'

/** Names that a container has in its UTS namespace. */
interface HostNames {
  readonly hostname: string
  readonly domainname?: string
}

/** `create` has given each container a name; one that is in another's network has the names of that one, as with dockerd. */
export function hostNamesOf(engine: EngineContext, container: Container): HostNames {
  const { id, record } = networkOwner(engine, container)
  const { Hostname, Domainname } = record.config
  return { hostname: Hostname || shortId(id), ...(Domainname ? { domainname: Domainname } : {}) }
}
