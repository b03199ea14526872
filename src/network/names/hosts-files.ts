import { type Failure, failure } from '../../diagnostics/index.ts'
import { formatAddress, parseAddress } from '../ip/address.ts'

/** What /etc/hosts of a container follows from. */
export interface HostsFile {
  readonly hostname: string
  readonly domainname?: string
  /** The container's own addresses, with or without prefix length. */
  readonly addresses: readonly string[]
  /** `HostConfig.ExtraHosts`, `name:ip`, `host-gateway` resolved already. */
  readonly extraHosts?: readonly string[]
  /** IPv6 lines as well; true where not set. */
  readonly ipv6?: boolean
}

const LOCALHOST_V6 = [
  '::1\tlocalhost ip6-localhost ip6-loopback',
  'fe00::\tip6-localnet',
  'ff00::\tip6-mcastprefix',
  'ff02::1\tip6-allnodes',
  'ff02::2\tip6-allrouters',
]

/** Text of /etc/hosts, in Docker's order. Failure HOSTS_INVALID for names or addresses that would break the file. */
export function renderHosts(file: HostsFile): string {
  const own = file.domainname
    ? `${checkedHost(file.hostname)}.${checkedHost(file.domainname)} ${file.hostname}`
    : checkedHost(file.hostname)
  const lines = [
    '127.0.0.1\tlocalhost',
    ...(file.ipv6 === false ? [] : LOCALHOST_V6),
    ...(file.extraHosts ?? []).map(extra => {
      const { name, value } = splitExtraHost(extra)
      return `${checkedIp(value)}\t${checkedHost(name)}`
    }),
    ...file.addresses.map(text => `${checkedIp(text.replace(/\/.*/, ''))}\t${own}`),
  ]
  return `${lines.join('\n')}\n`
}

/** Text of /etc/hostname. */
export function renderHostname(hostname: string): string {
  return `${hostname}\n`
}

/** Replaces the value `host-gateway` by the host's addresses as the container sees them: its gateways. */
export function resolveExtraHosts(extraHosts: readonly string[], gateways: readonly string[]): string[] {
  return extraHosts.flatMap(extra => {
    const { name, value } = splitExtraHost(extra)
    if (value !== 'host-gateway') return [`${name}:${value}`]
    if (gateways.length === 0)
      throw invalid(`Can't resolve "${extra}": the container has no network with a gateway`)
    return gateways.map(gateway => `${name}:${gateway}`)
  })
}

/** `name:ip` or `name=ip`; IPv6 with or without brackets. */
function splitExtraHost(extra: string): { readonly name: string; readonly value: string } {
  const match = /^([^:=]+)[:=](.+)$/.exec(extra)
  if (match?.[1] === undefined || match[2] === undefined)
    throw invalid(`Can't read extra host ${JSON.stringify(extra)}: want name:address`)
  return { name: match[1], value: match[2].replace(/^\[(.*)\]$/, '$1') }
}

function checkedHost(name: string): string {
  if (/^[A-Za-z0-9_.-]{1,253}$/.test(name)) return name
  throw invalid(`Can't use ${JSON.stringify(name)} as a host name`)
}

function checkedIp(text: string): string {
  const address = parseAddress(text)
  if (!address) throw invalid(`Can't read ${JSON.stringify(text)} as an address`)
  return formatAddress(address)
}

function invalid(summary: string): Failure {
  return failure({ code: 'HOSTS_INVALID', kind: 'invalidArgument', summary })
}
