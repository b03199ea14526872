import { Coalesced } from '../../linux/coalesced.ts'
import { endpointNames, type NamedEndpoint, removeNames, writeNames } from '../../network/index.ts'
import type { Container } from '../state/container.ts'
import type { ContainerTable } from '../state/container-table.ts'
import type { NamesFiles } from '../state/context.ts'
import { addressOnly } from '../words/addresses.ts'
import { hasLinks, linkedEndpoints } from './links.ts'

/** Keeps RUN/networks/<id>/names, of a network or of a container's links, equal to the containers that run; many changes of one moment become one write. */
export class NamesWriter implements NamesFiles {
  readonly #run: string
  readonly #containers: ContainerTable
  readonly #write: typeof writeNames
  readonly #gone = new Set<string>()
  readonly #byNetwork = new Map<string, Coalesced>()

  constructor(run: string, containers: ContainerTable, write: typeof writeNames = writeNames) {
    this.#run = run
    this.#containers = containers
    this.#write = write
  }

  async update(ids: readonly string[]): Promise<void> {
    const linking = [...this.#containers.values()].filter(
      container =>
        hasLinks(container) && container.record.endpoints.some(({ networkId }) => ids.includes(networkId)),
    )
    const all = new Set([...ids, ...linking.map(container => container.id)])
    await Promise.all([...all].map(id => this.#writerOf(id).run()))
  }

  async remove(networkId: string): Promise<void> {
    this.#gone.add(networkId)
    await this.#writerOf(networkId).run()
  }

  keep(networkId: string): void {
    this.#gone.delete(networkId)
  }

  #synchronise(networkId: string): Promise<void> {
    const container = this.#containers.find(networkId)
    if (container !== undefined) return this.#synchroniseLinks(container)
    return this.#gone.has(networkId)
      ? removeNames(this.#run, networkId)
      : this.#write(this.#run, networkId, namedEndpoints(this.#containers, networkId))
  }

  #synchroniseLinks(container: Container): Promise<void> {
    return hasLinks(container) && container.holdsAddresses
      ? this.#write(this.#run, container.id, linkedEndpoints([...this.#containers.values()], container))
      : removeNames(this.#run, container.id)
  }

  #writerOf(networkId: string): Coalesced {
    const known = this.#byNetwork.get(networkId)
    if (known !== undefined) return known
    const writer = new Coalesced(() => this.#synchronise(networkId))
    this.#byNetwork.set(networkId, writer)
    return writer
  }
}

/**
 * What the names file of a network lists: the endpoints of its containers. Those of one that does not run have no
 * address; their names are listed all the same, so that no relay asks the world outside for a service that is down.
 */
export function namedEndpoints(containers: ContainerTable, networkId: string): NamedEndpoint[] {
  return [...containers.values()]
    .filter(container => !container.removing || container.holdsAddresses)
    .flatMap(container => namedEndpointsOf(container, networkId))
}

function namedEndpointsOf(container: Container, networkId: string): NamedEndpoint[] {
  const { config, endpoints } = container.record
  return endpoints
    .filter(endpoint => endpoint.networkId === networkId)
    .map(endpoint => ({
      names: endpointNames({
        containerName: container.name,
        containerId: container.id,
        networkName: endpoint.networkName,
        aliases: endpoint.aliases,
        ...(config.Hostname ? { hostname: config.Hostname } : {}),
      }),
      addresses: container.holdsAddresses ? endpoint.addresses.map(addressOnly) : [],
    }))
}
