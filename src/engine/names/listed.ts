import { endpointNames, isName, type NamedEndpoint } from '../../network/index.ts'
import type { Container } from '../state/container.ts'
import type { EndpointRecord } from '../state/container-record.ts'
import type { ContainerTable } from '../state/container-table.ts'
import { KeptPart } from '../state/kept-part.ts'
import type { NetworkRecord } from '../state/network-record.ts'
import { projectOf, SERVICE } from '../state/project.ts'
import { type Reliefs, reliefsAmong } from '../state/relief.ts'
import { addressOnly, isIPv6 } from '../words/addresses.ts'

/**
 * What the names file of a network lists: the endpoints of its containers. Those of one that does not run have no
 * address; their names are listed all the same, so that no relay asks the world outside for a service that is down.
 */
export function namedEndpoints(containers: ContainerTable, networkId: string): NamedEndpoint[] {
  const all = present(containers)
  const reliefs = reliefsAmong(all)
  return all.flatMap(container => namedEndpointsOf(container, networkId, reliefs))
}

/** The containers of a project, but those that are being removed. */
export function containersOf(containers: ContainerTable, project: string): Container[] {
  return present(containers).filter(container => projectOf(container) === project)
}

/**
 * The names by which a project's containers call each other, sorted, on whatever networks they are: none of them is another
 * project's, or asked outside, for one of the project. Not host names and aliases, which may well be those of somebody outside, but for those of
 * services that have no container any more (`left`). None where nobody is on a network.
 */
export function namesOfProject(
  containers: readonly Container[],
  project: string,
  left: readonly string[] = [],
): string[] {
  if (!containers.some(({ record }) => record.endpoints.length > 0)) return []
  const names = new Set<string>()
  for (const container of containers) for (const name of calledIn(project, container)) names.add(name)
  for (const name of askable(left)) names.add(name)
  return [...names].sort()
}

/** Of each container as it last was. */
const keptNames = new KeptPart<Container, readonly string[]>()

function calledIn(project: string, container: Container): readonly string[] {
  const { name, record } = container
  return keptNames.of(container, [name, record.config, project], () => {
    const service = record.config.Labels?.[SERVICE]
    return askable(service === undefined ? [name] : [name, service, `${service}.${project}`])
  })
}

const askable = (names: readonly string[]): string[] => names.map(name => name.toLowerCase()).filter(isName)

/** The host as the containers of a network see it; of one that leads nowhere, the name alone. */
export function namesOfHost(network: NetworkRecord | undefined): readonly NamedEndpoint[] {
  if (network === undefined || network.driver !== 'bridge') return []
  const { internal, subnets } = network
  return hosts.of(network, [internal, subnets], () => {
    const addresses = internal ? [] : subnets.map(({ gateway }) => gateway)
    return [{ names: ['host.docker.internal'], addresses, forwardOnly: true }]
  })
}

const hosts = new KeptPart<NetworkRecord, readonly NamedEndpoint[]>()

/**
 * By which others know a container on a network: not those of a link, which lead nowhere from beyond it, as with Docker; and of one that has relieved
 * others the address of the first of them, which whoever comes after it will have as well.
 */
export function knownAddresses({
  addresses,
  kept = [],
  wanted: { linkLocal = [] },
}: Pick<EndpointRecord, 'addresses' | 'kept' | 'wanted'>): string[] {
  return addresses
    .map(addressOnly)
    .filter(address => !linkLocal.includes(address))
    .map(address => kept.map(addressOnly).find(each => isIPv6(each) === isIPv6(address)) ?? address)
}

function present(containers: ContainerTable): Container[] {
  return [...containers.values()].filter(container => !container.removing || container.holdsAddresses)
}

/** Of each container as it last was: of a hundred on a network one has changed when it is listed anew. */
const kept = new KeptPart<Container, readonly NamedEndpoint[]>()

function namedEndpointsOf(
  container: Container,
  networkId: string,
  reliefs: Reliefs,
): readonly NamedEndpoint[] {
  const { record } = container
  const containerName = reliefs.nameOf(container)
  const isReached = container.holdsAddresses && !reliefs.isAside(container)
  const from = [record.endpoints, record.config, networkId, containerName, isReached]
  return kept.of(container, from, () => endpointsNamed(container, networkId, containerName, isReached))
}

function endpointsNamed(
  container: Container,
  networkId: string,
  containerName: string,
  isReached: boolean,
): NamedEndpoint[] {
  const { config, endpoints } = container.record
  const project = projectOf(container)
  return endpoints
    .filter(endpoint => endpoint.networkId === networkId)
    .map(endpoint => ({
      names: endpointNames({
        containerName,
        containerId: container.id,
        networkName: endpoint.networkName,
        aliases: endpoint.aliases,
        ...(config.Hostname ? { hostname: config.Hostname } : {}),
        ...(project === undefined ? {} : { project }),
      }),
      addresses: isReached ? knownAddresses(endpoint) : [],
      ...(project === undefined ? {} : { project }),
    }))
}
