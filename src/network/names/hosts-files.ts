import { type Facts, type Failure, failure } from '../../diagnostics/index.ts'
import { formatAddress, parseAddress } from '../ip/address.ts'

/** A name in /etc/hosts beside the container's own. */
export interface ExtraHost {
  readonly name: string
  /** Canonical, or `host-gateway`: the host as the container sees it. */
  readonly address: string
  /** More names in the same line. */
  readonly aliases?: readonly string[]
}

const HOST_GATEWAY = 'host-gateway'

/** What /etc/hosts of a container follows from. */
export interface HostsFile {
  readonly hostname: string
  readonly domainname?: string
  /** The container's own addresses, with or without prefix length. */
  readonly addresses: readonly string[]
  /** With `host-gateway` resolved already. */
  readonly extraHosts?: readonly ExtraHost[]
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
  const own = namesOf(file)
  const lines = [
    '127.0.0.1\tlocalhost',
    ...(file.ipv6 === false ? [] : LOCALHOST_V6),
    ...hostLines(file.extraHosts ?? []),
    ...file.addresses.map(text => `${checkedIp(text.replace(/\/.*/, ''))}\t${own}`),
  ]
  return `${lines.join('\n')}\n`
}

/** The full name, and what stands before its first dot. */
function namesOf({ hostname, domainname }: HostsFile): string {
  const full = domainname ? `${checkedHost(hostname)}.${checkedHost(domainname)}` : checkedHost(hostname)
  const [short = ''] = full.split('.')
  return short === full || short === '' ? full : `${full} ${short}`
}

/** Text of /etc/hostname. */
export function renderHostname(hostname: string): string {
  return `${hostname}\n`
}

/** The lines of these names. Failure HOSTS_INVALID for names or addresses that would break the file. */
export function hostLines(hosts: readonly ExtraHost[]): string[] {
  return hosts.map(
    ({ name, address, aliases = [] }) =>
      `${checkedIp(address)}\t${[name, ...aliases].map(checkedHost).join(' ')}`,
  )
}

/** Reads `name:ip` or `name=ip`, IPv6 with or without brackets, or `name:host-gateway`. Failure HOSTS_INVALID. */
export function parseExtraHost(text: string): ExtraHost {
  const [, name, value] = /^([^:=]+)[:=](.+)$/.exec(text) ?? []
  if (name === undefined || value === undefined)
    throw invalid(`Can't read extra host ${JSON.stringify(text)}: want name:address`, { rule: 'form', text })
  const address = value.replace(/^\[(.*)\]$/, '$1')
  return {
    name: checkedHost(name),
    address: address === HOST_GATEWAY ? HOST_GATEWAY : checkedIp(address),
  }
}

/** Replaces `host-gateway` by the host's addresses as the container sees them: its gateways. */
export function resolveExtraHosts(hosts: readonly ExtraHost[], gateways: readonly string[]): ExtraHost[] {
  return hosts.flatMap(host => {
    if (host.address !== HOST_GATEWAY) return [host]
    if (gateways.length === 0)
      throw invalid(
        `Can't resolve "${host.name}:${HOST_GATEWAY}": the container has no network with a gateway`,
      )
    return gateways.map(address => ({ ...host, address }))
  })
}

function checkedHost(name: string): string {
  if (/^[!-"$-~]{1,253}$/.test(name)) return name
  throw invalid(`Can't use ${JSON.stringify(name)} as a host name`)
}

function checkedIp(text: string): string {
  const address = parseAddress(text)
  if (!address) throw invalid(`Can't read ${JSON.stringify(text)} as an address`, { rule: 'address', text })
  return formatAddress(address)
}

function invalid(summary: string, facts: Facts = {}): Failure {
  return failure({ code: 'HOSTS_INVALID', kind: 'invalidArgument', summary, facts })
}
