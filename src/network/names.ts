import { failure } from '../diagnostics/index.ts'

/** Where an endpoint's names come from. */
export interface EndpointNames {
  readonly containerName: string
  readonly containerId: string
  readonly networkName: string
  readonly hostname?: string
  /** Aliases on this network; Compose sends the service's name among them. */
  readonly aliases?: readonly string[]
}

/** An endpoint as the names file lists it. */
export interface NamedEndpoint {
  /** As `endpointNames` gives them: the first one is the answer to a reverse lookup. */
  readonly names: readonly string[]
  /** Without prefix length. */
  readonly addresses: readonly string[]
}

/** All names of an endpoint, lower case, without duplicates: container name, aliases, 12-digit id, each also `.network`. */
export function endpointNames(names: EndpointNames): string[] {
  throw failure({ code: 'NOT_YET', summary: names.containerName })
}

/** Text of a network's names file (format: docs of native/dns-names.c); only running containers belong in it. */
export function renderNames(endpoints: readonly NamedEndpoint[]): string {
  throw failure({ code: 'NOT_YET', summary: String(endpoints.length) })
}

/** Writes RUN/networks/<id>/names by rename; the relays of the network see it at their next question. */
export async function writeNames(
  run: string,
  networkId: string,
  endpoints: readonly NamedEndpoint[],
): Promise<void> {
  throw failure({ code: 'NOT_YET', summary: run + networkId + String(endpoints.length) })
}

/** Removes RUN/networks/<id>; fine when it is gone already. */
export async function removeNames(run: string, networkId: string): Promise<void> {
  throw failure({ code: 'NOT_YET', summary: run + networkId })
}
