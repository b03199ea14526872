import type { EndpointSettings, HostConfig, NetworkingConfig } from '../../api/types/index.ts'
import { type Attachment, type ContainerRef, endpointTerms } from '../../planner/index.ts'
import { compact, nonEmpty, nonEmptyMap, type RequestInput } from './input.ts'

/** Namespaces that are shared with the host or with another container, and names inside. */
export function namespaces(input: RequestInput): HostConfig {
  const { service, parents } = input.operation
  const shared = (value: string | undefined, ref: ContainerRef | undefined): string | undefined =>
    ref === undefined ? value : `container:${input.idOf(ref)}`
  return compact({
    NetworkMode: networkMode(input),
    IpcMode: shared(service.ipc, parents.ipc),
    PidMode: shared(service.pid, parents.pid),
    UTSMode: shared(service.uts, parents.uts),
    Links: nonEmpty(oldLinks(input)),
    UsernsMode: service.userns_mode,
    CgroupnsMode: service.cgroup,
    CgroupParent: service.cgroup_parent,
    Dns: nonEmpty((service.dns ?? []).filter(server => server !== '')),
    DnsSearch: nonEmpty(service.dns_search),
    DnsOptions: nonEmpty(service.dns_opt),
    ExtraHosts: nonEmpty((service.extra_hosts ?? []).map(entry => entry.replace('=', ':'))),
  })
}

/** Those of the default bridge: others are those of networks. Where there is none the engine is asked all the same, and refuses. */
function oldLinks({ operation: { service, parents }, idOf }: RequestInput): readonly string[] | undefined {
  if (service.network_mode === 'host' || parents.network !== undefined) return service.links
  return parents.links?.map(({ container, alias }) => `${idOf(container)}:${alias}`)
}

/** What `network_mode` says, else the primary network; a service that is on none has none. */
function networkMode({ operation, idOf }: RequestInput): string {
  const { service, parents, networks } = operation
  if (parents.network !== undefined) return `container:${idOf(parents.network)}`
  return service.network_mode ?? networks[0]?.network ?? 'none'
}

/** All networks at once, which engines take since API 1.44. */
export function networkingConfig({ operation }: RequestInput): NetworkingConfig | undefined {
  const endpoints = operation.networks.map(attachment => [
    attachment.network,
    endpointSettings(operation.service, attachment),
  ])
  return endpoints.length === 0 ? undefined : { EndpointsConfig: Object.fromEntries(endpoints) }
}

/** How a service joins one network. */
export function endpointSettings(
  service: RequestInput['operation']['service'],
  attachment: Attachment,
): EndpointSettings {
  const terms = endpointTerms(service, attachment)
  const ipam = compact({
    IPv4Address: terms.ipv4_address,
    IPv6Address: terms.ipv6_address,
    LinkLocalIPs: nonEmpty(terms.link_local_ips),
  })
  return compact({
    Aliases: nonEmpty(terms.aliases),
    Links: nonEmpty(terms.links),
    IPAMConfig: Object.keys(ipam).length === 0 ? undefined : ipam,
    MacAddress: terms.mac_address,
    DriverOpts: nonEmptyMap(terms.driver_opts),
    GwPriority: terms.gw_priority,
  })
}
