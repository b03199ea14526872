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
  const { id, terms } = networkOwner(engine, container)
  return { hostname: shortId(id), ...terms.names }
}
