import { RESOLV_CONF_CHECKS } from '../../network/index.ts'
import { parseNetworkMode } from './network.ts'
import type { Term } from './term.ts'

/** What is in the container's resolv.conf. */
export interface ResolverTerms {
  readonly dns: readonly string[]
  readonly search: readonly string[]
  readonly options: readonly string[]
}

type Own = 'Dns' | 'DnsSearch' | 'DnsOptions'

/** NETWORK_MODE, DNS_INVALID. */
export const resolverTerm: Term<Own, ResolverTerms, 'NetworkMode'> = {
  fields: { Dns: true, DnsSearch: true, DnsOptions: true },
  path: 'HostConfig.Dns',
  read: ({ Dns = [], DnsSearch = [], DnsOptions = [] }) => ({
    dns: Dns,
    search: DnsSearch,
    options: DnsOptions,
  }),
  check: ({ Dns = [], DnsSearch = [], DnsOptions = [], NetworkMode }, problems) => {
    const { server, word } = RESOLV_CONF_CHECKS
    for (const each of Dns) problems.collect('HostConfig.Dns', () => server(each))
    for (const each of DnsSearch) problems.collect('HostConfig.DnsSearch', () => word(each))
    for (const each of DnsOptions) problems.collect('HostConfig.DnsOptions', () => word(each))
    if (Dns.length > 0 && parseNetworkMode(NetworkMode).kind === 'container') {
      const summary = 'cannot be set: the container is in the network of another one'
      problems.add('NETWORK_MODE', 'HostConfig.Dns', summary, { facts: { option: 'dns', mode: 'container' } })
    }
  },
}
