import { isName, learnedSet, type NamedEndpoint, type NamesFileTraits } from '../../network/index.ts'
import type { Container } from '../state/container.ts'
import type { NetworkTable } from '../state/network-table.ts'
import { projectOf } from '../state/project.ts'
import { reliefsAmong } from '../state/relief.ts'
import { parseLink } from '../terms/hosts.ts'
import { knownAddresses } from './listed.ts'

/** Whether the container has names of its own for others: `Links` of an endpoint, Compose's `links` and `external_links`. */
function hasLinks(container: Container): boolean {
  return container.record.endpoints.some(({ links = [] }) => links.length > 0)
}

/** Whether the container has a names file of its own, which its relay reads first: for its links, for where it may go, and for the host. */
export function hasOwnNames(container: Container): boolean {
  const { security, network } = container.terms
  return hasLinks(container) || security.egress !== undefined || network.hostAccess === true
}

/** The host, by the gateways of internal networks, for a container that reaches it by them: to others it has no address there. */
export function hostEndpoint(
  networks: Pick<NetworkTable, 'find'>,
  { terms, record }: Container,
): NamedEndpoint[] {
  if (terms.network.hostAccess !== true) return []
  const joined = record.endpoints.flatMap(({ networkId }) => networks.find(networkId) ?? [])
  const addresses = joined.flatMap(({ subnets }) => subnets.flatMap(({ gateway }) => gateway || []))
  return [{ names: ['host.docker.internal'], addresses, forwardOnly: true }]
}

/**
 * Which names a container that is held to its egress may ask for outside: those of its policy, each with the set that their addresses go
 * to. Where that has addresses alone names are not what it goes by, so all of them resolve, and open nothing.
 */
export function namesAllowed({ terms }: Pick<Container, 'terms'>): Pick<NamesFileTraits, 'egress'> {
  const { egress } = terms.security
  if (egress === undefined) return {}
  const names = [...new Set(egress.flatMap(({ name }) => name ?? []))].sort()
  return {
    egress:
      names.length === 0 ? [{ pattern: '*' }] : names.map(pattern => ({ pattern, set: learnedSet(pattern) })),
  }
}

/**
 * What the container alone calls others: `name:alias`, where `name` is any name that the other has on the same network.
 * They are in a names file of the container's own, below its id, which its relay reads before those of the networks. An alias is there, without
 * an address, also while nobody has the name: it is what this container calls its own, and nobody else must answer to it.
 */
export function linkedEndpoints(all: readonly Container[], container: Container): NamedEndpoint[] {
  return container.record.endpoints.flatMap(({ networkId, links = [] }) =>
    links.map(parseLink).map(
      ({ reference, alias }): NamedEndpoint => ({
        names: [alias.toLowerCase()].filter(isName),
        addresses: addressesNamed(all, networkId, reference),
        forwardOnly: true,
      }),
    ),
  )
}

/** Id of the names file that has every name of a project, on whatever network. */
export function projectNames(project: string): string {
  return `project-${project}`
}

/** Ids of the names files that answer in the container, in the order in which they are asked. */
export function namesFilesOf(container: Container): string[] {
  const project = projectOf(container)
  return [
    ...(hasOwnNames(container) ? [container.id] : []),
    ...(project === undefined ? [] : [projectNames(project)]),
    ...container.record.endpoints.map(endpoint => endpoint.networkId),
  ]
}

/** Addresses of all containers with that name on the network; those that do not run have none. */
function addressesNamed(all: readonly Container[], networkId: string, name: string): string[] {
  const reliefs = reliefsAmong(all)
  return all.flatMap(other =>
    other.record.endpoints
      .filter(endpoint => endpoint.networkId === networkId)
      .filter(
        ({ aliases }) =>
          reliefs.nameOf(other) === name || other.id.startsWith(name) || aliases.includes(name),
      )
      .flatMap(endpoint => (other.holdsAddresses && !reliefs.isAside(other) ? knownAddresses(endpoint) : [])),
  )
}
