import { parseNetworkMode } from './network.ts'
import type { Problems } from './problems.ts'
import type { Term } from './term.ts'

/** What the kernel takes, and no line of /etc/hosts breaks at: Docker asks for no more. */
const HOSTNAME = /^[!-"$-~]{1,64}$/

/** The names that a container has for itself. */
export interface NameTerms {
  readonly hostname?: string
  readonly domainname?: string
}

type Own = 'Hostname' | 'Domainname'

/** HOSTNAME_INVALID, NETWORK_MODE. */
export const namesTerm: Term<Own, NameTerms, 'UTSMode' | 'NetworkMode'> = {
  fields: { Hostname: true, Domainname: true },
  path: 'Hostname',
  read: ({ Hostname, Domainname }) => ({
    ...(Hostname ? { hostname: Hostname } : {}),
    ...(Domainname ? { domainname: Domainname } : {}),
  }),
  check: (given, problems) => {
    checkName('Hostname', given, problems)
    checkName('Domainname', given, problems)
    if (given.Hostname && parseNetworkMode(given.NetworkMode).kind === 'container')
      problems.add(
        'NETWORK_MODE',
        'Hostname',
        'cannot be set: the container is in the network of another one',
        { facts: { option: 'hostname', mode: 'container' } },
      )
  },
}

function checkName(
  field: 'Hostname' | 'Domainname',
  given: { readonly [each in 'Hostname' | 'Domainname' | 'UTSMode']?: string | undefined },
  problems: Problems,
): void {
  const name = given[field]
  if (!name) return
  const wrong = (summary: string, mode = ''): void =>
    problems.add('HOSTNAME_INVALID', field, summary, { facts: { name, mode } })
  if (!HOSTNAME.test(name)) wrong(`${field.toLowerCase()} ${JSON.stringify(name)} is not allowed`)
  if (given.UTSMode === 'host')
    wrong(`"${name}" cannot be set: the container shares the host's UTS namespace`, 'host')
}
