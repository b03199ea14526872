import type { EndpointSettings } from '../../api/types/index.ts'
import { type Failure, failure } from '../../diagnostics/index.ts'
import { type Family, lies, parseAddress } from '../../network/index.ts'
import type { NetworkRecord } from '../state/network-record.ts'

/** The name of its interface in the container. */
const INTERFACE_OPTION = 'com.docker.network.endpoint.ifname'

/** Sysctls of the interface, parted by commas: `net.ipv4.conf.IFNAME.log_martians=1`. */
const SYSCTLS_OPTION = 'com.docker.network.endpoint.sysctls'

/** The options of an endpoint that are obeyed. */
export const ENDPOINT_OPTIONS: readonly string[] = [INTERFACE_OPTION, SYSCTLS_OPTION]

/** The loopback interface, and what the kernel calls settings of all interfaces, and of those to come. */
const KERNELS: ReadonlySet<string> = new Set(['lo', 'all', 'default'])

const INTERFACE_NAME = /^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,14}$/

/**
 * The sysctls that an endpoint's options ask for, by slashed key, since an interface's name may have dots. ENDPOINT_OPTION for
 * what is no sysctl of this very interface: all others are the container's.
 */
export function sysctlsOf(
  options: Readonly<Record<string, string>>,
  interfaceName: string,
): Record<string, string> {
  const { [SYSCTLS_OPTION]: text = '' } = options
  const given = text.split(',').filter(part => part !== '')
  return Object.fromEntries(
    given.map(part => {
      const [, before, after, value] =
        /^(net\.(?:ipv4|ipv6|mpls)\.(?:conf|neigh)|net\.mpls\.conf)\.IFNAME\.([a-z0-9_]+)=(-?[\w ]{1,64})$/i.exec(
          part,
        ) ?? []
      if (before === undefined || after === undefined || value === undefined) throw noSysctl(part)
      return [`${before.replaceAll('.', '/')}/${interfaceName}/${after}`, value]
    }),
  )
}

function noSysctl(text: string): Failure {
  return failure({
    code: 'ENDPOINT_OPTION',
    kind: 'invalidArgument',
    summary: `${JSON.stringify(text)} is no sysctl of an interface`,
    hint: 'want net.ipv4.conf.IFNAME.log_martians=1 or its like, with IFNAME for the interface',
  })
}

/** What no endpoint can have, whatever its network: ADDRESS_INVALID, MAC_ADDRESS_INVALID, INTERFACE_NAME, ENDPOINT_OPTION. */
export function checkSettings(settings: EndpointSettings): void {
  const { IPv4Address, IPv6Address, LinkLocalIPs = [] } = settings.IPAMConfig ?? {}
  checkAddress(IPv4Address, [4])
  checkAddress(IPv6Address, [6])
  for (const address of LinkLocalIPs) checkLinkLocal(address)
  checkedMac(settings)
  sysctlsOf(settings.DriverOpts ?? {}, 'eth0')
  const name = interfaceWanted(settings)
  if (name === undefined || (INTERFACE_NAME.test(name) && !KERNELS.has(name))) return
  throw failure({
    code: 'INTERFACE_NAME',
    kind: 'invalidArgument',
    summary: `interface name "${name}" is not allowed`,
    hint: 'want at most 15 letters, digits, "_", "." and "-", and another one than lo, all and default',
  })
}

/** The interface name that an endpoint asks for. */
export const interfaceWanted = ({ DriverOpts }: EndpointSettings): string | undefined =>
  DriverOpts?.[INTERFACE_OPTION]

/** INTERFACE_NAME for one that two endpoints of a container ask for. */
export function checkInterfaceNames(all: readonly EndpointSettings[]): void {
  const names = all.flatMap(settings => interfaceWanted(settings) ?? [])
  const twice = names.find((name, index) => names.indexOf(name) < index)
  if (twice !== undefined) throw interfaceTaken(twice)
}

/** The Failure for an interface name that another endpoint of the container has. */
export function interfaceTaken(name: string): Failure {
  return failure({
    code: 'INTERFACE_NAME',
    kind: 'invalidArgument',
    summary: `interface name "${name}" is taken in this container`,
    hint: 'give each network of the container another one',
  })
}

const LINK_LOCAL = ['169.254.0.0/16', 'fe80::/10'] as const

function checkLinkLocal(text: string): void {
  checkAddress(text, [4, 6])
  const address = parseAddress(text)
  if (address === undefined || LINK_LOCAL.some(prefix => lies(address, prefix))) return
  throw failure({
    code: 'ADDRESS_INVALID',
    kind: 'invalidArgument',
    summary: `"${text}" is no link-local address`,
    facts: { address: text, what: 'link-local' },
    hint: `want one of ${LINK_LOCAL.join(' or ')}`,
  })
}

/**
 * An address of somebody's choice is for a network whose subnet was his choice, too: another might be chosen when the network is made anew.
 * ADDRESS_SUBNET_CHOSEN.
 */
export function checkOwnSubnet(
  { name, ipam }: Pick<NetworkRecord, 'name' | 'ipam'>,
  { IPAMConfig }: EndpointSettings,
): void {
  const given = (ipam.Config ?? []).flatMap(({ Subnet }) => Subnet || [])
  const { IPv4Address, IPv6Address } = IPAMConfig ?? {}
  const isOwn = (address: string | undefined): boolean =>
    !address || given.some(subnet => subnet.includes(':') === address.includes(':'))
  if (isOwn(IPv4Address) && isOwn(IPv6Address)) return
  throw failure({
    code: 'ADDRESS_SUBNET_CHOSEN',
    kind: 'invalidArgument',
    summary: `an address of one's choice is for networks whose subnets were given, and that of ${name} was not`,
    facts: { network: name },
    hint: 'give the network a subnet (`ipam`), or leave the address out',
  })
}

/** The MAC address that is wanted, as the kernel writes it; undefined where none is. MAC_ADDRESS_INVALID, which covers those of groups and that of nobody. */
export function checkedMac({ MacAddress: given }: EndpointSettings): string | undefined {
  if (!given) return undefined
  const mac = given.toLowerCase().replaceAll('-', ':')
  if (/^(?!00(?::00){5}$)[0-9a-f][02468ace](?::[0-9a-f]{2}){5}$/.test(mac)) return mac
  throw failure({
    code: 'MAC_ADDRESS_INVALID',
    kind: 'invalidArgument',
    summary: `"${given}" is no MAC address of an interface`,
    hint: 'want six pairs of hex digits as 02:42:ac:11:00:02; the first pair is even, and not all are 00',
  })
}

function checkAddress(text: string | undefined, families: readonly Family[]): void {
  if (!text) return
  const family = parseAddress(text)?.family
  if (family === undefined || !families.includes(family)) throw noAddress(text, families)
}

function noAddress(text: string, families: readonly Family[]): Failure {
  const what = families.length > 1 ? 'IP' : `IPv${families[0]}`
  return failure({
    code: 'ADDRESS_INVALID',
    kind: 'invalidArgument',
    summary: `"${text}" is no ${what} address`,
    facts: { address: text, what },
  })
}
