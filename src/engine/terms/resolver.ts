import { parseNetworkMode } from './network.ts'
import type { Term } from './term.ts'

/** What is in the container's resolv.conf. */
export interface ResolverTerms {
  readonly dns: readonly string[]
  readonly search: readonly string[]
  readonly options: readonly string[]
}

type Own = 'Dns' | 'DnsSearch' | 'DnsOptions'

/** NETWORK_MODE. */
export const resolverTerm: Term<Own, ResolverTerms, 'NetworkMode'> = {
  fields: { Dns: true, DnsSearch: true, DnsOptions: true },
  path: 'HostConfig.Dns',
  read: ({ Dns = [], DnsSearch = [], DnsOptions = [] }) => ({
    dns: Dns,
    search: DnsSearch,
    options: DnsOptions,
  }),
  check: ({ Dns = [], NetworkMode }, problems) => {
    if (Dns.length > 0 && parseNetworkMode(NetworkMode).kind === 'container') {
      const summary = 'cannot be set: the container is in the network of another one'
      problems.add('NETWORK_MODE', 'HostConfig.Dns', summary)
    }
  },
}
