import { failure } from '../../diagnostics/index.ts'
import type { ExtraHost } from '../../network/index.ts'
import type { Container } from '../state/container.ts'
import type { ContainerTable } from '../state/container-table.ts'
import { addressesOf } from '../words/addresses.ts'

type Table = Pick<ContainerTable, 'find' | 'named'>

/** A container that another calls `alias`, by Docker's old links (`--link db:alias` on the default bridge). */
export interface OldLink {
  readonly alias: string
  readonly reference: string
  /** Undefined when it has been removed. */
  readonly other: Container | undefined
}

/** The old links of a container. `create` has remembered each by the other's id, so they survive its renaming. */
export function oldLinksOf(containers: Table, { terms }: Container): OldLink[] {
  if (terms.network.mode.kind !== 'network' || terms.network.mode.network !== 'bridge') return []
  return terms.hosts.links.map(({ reference, alias }) => ({
    alias,
    reference,
    // A record of an older release has the name.
    other: containers.find(reference) ?? containers.named(reference),
  }))
}

/** The addresses that the others have now and all that Docker calls them, for /etc/hosts. LINK_NOT_RUNNING. */
export function linkedHosts(containers: Table, container: Container): ExtraHost[] {
  return oldLinksOf(containers, container).flatMap(({ alias, reference, other }) => {
    if (!other?.holdsAddresses) throw notRunning(container, alias, other?.name ?? reference)
    const names = new Set([other.record.config.Hostname ?? '', other.name])
    names.delete('')
    names.delete(alias)
    return addressesOf(other.record.endpoints).map(address => ({ name: alias, address, aliases: [...names] }))
  })
}

/** `/db:/web/alias`, as an inspect tells links. */
export function linkTexts(containers: Table, container: Container): string[] {
  return oldLinksOf(containers, container).map(
    ({ alias, reference, other }) => `/${other?.name ?? reference}:/${container.name}/${alias}`,
  )
}

/** What others call each container by their old links, as a list names it: `/web/alias`, by id. */
export function namesByLinks(
  containers: Iterable<Container>,
  table: Table,
): ReadonlyMap<string, readonly string[]> {
  const names = new Map<string, string[]>()
  for (const container of containers)
    for (const { alias, other } of oldLinksOf(table, container)) {
      if (other === undefined) continue
      const own = names.get(other.id) ?? []
      own.push(`/${container.name}/${alias}`)
      names.set(other.id, own)
    }
  return names
}

function notRunning(container: Container, alias: string, name: string): Error {
  return failure({
    code: 'LINK_NOT_RUNNING',
    kind: 'conflict',
    summary: `cannot link to ${name}: it does not run`,
    facts: { name, container: container.name, alias },
  })
}
