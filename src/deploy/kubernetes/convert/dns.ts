import type { DnsConfig, Pod } from '../objects/pod.ts'
import { compact, type Subject } from './context.ts'
import type { PodGroup } from './groups.ts'
import { isName } from './names.ts'

/** How the pod is called, and how it finds names: its owner's settings. */
export function namingOf({
  owner,
}: PodGroup): Pick<Pod, 'hostname' | 'dnsPolicy' | 'dnsConfig' | 'hostAliases'> {
  const { service } = owner
  const isHost = service.network_mode === 'host'
  return compact({
    hostname: hostnameOf(owner),
    // Otherwise a pod on the node's network knows no name of the cluster.
    dnsPolicy: isHost ? ('ClusterFirstWithHostNet' as const) : undefined,
    dnsConfig: dnsConfigOf(owner),
    hostAliases: aliasesOf(owner),
  })
}

function hostnameOf({ context, service: { hostname }, path }: Subject): string | undefined {
  if (hostname === undefined || isName(hostname)) return hostname
  context.notes.warn(
    'KUBERNETES_NAME',
    [...path, 'hostname'],
    `Kubernetes takes "${hostname}" as no name of a pod: it has its own`,
    'write the first part of it in small letters',
  )
  return undefined
}

function dnsConfigOf({ context, service, path }: Subject): DnsConfig {
  const nameservers = service.dns ?? []
  if (nameservers.length > 0)
    context.notes.warn(
      'KUBERNETES_NETWORK',
      [...path, 'dns'],
      'name servers of the file are asked where those of the cluster do not answer, and three in all',
    )
  return compact({
    // One place of three is the cluster's own.
    nameservers: nameservers.slice(0, 2),
    searches: service.dns_search?.filter(domain => domain !== '.'),
    options: service.dns_opt?.map(text => {
      const [name = '', value] = text.split(':')
      return compact({ name, value })
    }),
  })
}

function aliasesOf({ context, service, path }: Subject): NonNullable<Pod['hostAliases']> {
  const byAddress = new Map<string, string[]>()
  for (const [index, text] of (service.extra_hosts ?? []).entries()) {
    const [, host = '', address = ''] = /^([^=]+)=(.*)$/.exec(text) ?? []
    if (address === 'host-gateway') {
      context.notes.warn(
        'KUBERNETES_NETWORK',
        [...path, 'extra_hosts', index],
        `"${host}" is this machine, which a pod does not know: it is left out`,
      )
      continue
    }
    const ip = address.replace(/^\[(.*)\]$/, '$1')
    byAddress.set(ip, [...(byAddress.get(ip) ?? []), host])
  }
  return [...byAddress].map(([ip, hostnames]) => ({ ip, hostnames }))
}
