import type { EndpointSettings, HostConfig, NetworkingConfig } from '../../api/types/index.ts'
import type { ContainerRef } from '../../planner/index.ts'
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
    // Links are those of networks. Where there is none of its own the engine is asked all the same, and refuses.
    Links: service.network_mode === 'host' || parents.network ? nonEmpty(service.links) : undefined,
    UsernsMode: service.userns_mode,
    CgroupnsMode: service.cgroup,
    CgroupParent: service.cgroup_parent,
    Dns: nonEmpty((service.dns ?? []).filter(server => server !== '')),
    DnsSearch: nonEmpty(service.dns_search),
    DnsOptions: nonEmpty(service.dns_opt),
    ExtraHosts: nonEmpty((service.extra_hosts ?? []).map(entry => entry.replace('=', ':'))),
  })
}

/** What `network_mode` says, else the primary network; a service that is on none has none. */
function networkMode({ operation, idOf }: RequestInput): string {
  const { service, parents, networks } = operation
  if (parents.network !== undefined) return `container:${idOf(parents.network)}`
  return service.network_mode ?? networks[0]?.network ?? 'none'
}

/** All networks at once, which engines take since API 1.44. */
export function networkingConfig({ operation }: RequestInput): NetworkingConfig | undefined {
  const endpoints = operation.networks.map(({ key, network, aliases, links }, index) => [
    network,
    endpointSettings(operation.service, { key, aliases, links, isPrimary: index === 0 }),
  ])
  return endpoints.length === 0 ? undefined : { EndpointsConfig: Object.fromEntries(endpoints) }
}

/** How a service joins one network. */
export function endpointSettings(
  service: RequestInput['operation']['service'],
  attachment: {
    readonly key: string
    readonly aliases: readonly string[]
    readonly links: readonly string[]
    readonly isPrimary: boolean
  },
): EndpointSettings {
  const settings = service.networks?.[attachment.key] ?? {}
  const ipam = compact({
    IPv4Address: settings.ipv4_address,
    IPv6Address: settings.ipv6_address,
    LinkLocalIPs: nonEmpty(settings.link_local_ips),
  })
  const ifname = settings.interface_name
  return compact({
    Aliases: nonEmpty(attachment.aliases),
    Links: nonEmpty(attachment.links),
    IPAMConfig: Object.keys(ipam).length === 0 ? undefined : ipam,
    MacAddress: settings.mac_address ?? (attachment.isPrimary ? service.mac_address : undefined),
    DriverOpts: nonEmptyMap({
      ...settings.driver_opts,
      ...(ifname === undefined ? {} : { 'com.docker.network.endpoint.ifname': ifname }),
    }),
    GwPriority: settings.gw_priority,
  })
}
