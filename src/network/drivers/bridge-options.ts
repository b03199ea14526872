import { type Failure, failure } from '../../diagnostics/index.ts'
import { parseAddress } from '../ip/address.ts'
import type { Links, Network } from './driver.ts'

const MTU = 'com.docker.network.driver.mtu'
const MASQUERADE = 'com.docker.network.bridge.enable_ip_masquerade'
const TALK = 'com.docker.network.bridge.enable_icc'
const NAME = 'com.docker.network.bridge.name'
const BINDING = 'com.docker.network.bridge.host_binding_ipv4'
/** How containers are reached: we have `nat` alone. */
const GATEWAY_MODES = [
  'com.docker.network.bridge.gateway_mode_ipv4',
  'com.docker.network.bridge.gateway_mode_ipv6',
]
const KNOWN: readonly string[] = [MTU, MASQUERADE, TALK, NAME, BINDING, ...GATEWAY_MODES]

/** MTU of bridges and veth pairs where the network sets none. */
const DEFAULT_MTU = 1500

/** What the options of Docker's bridge driver that change something mean. */
export interface BridgeOptions {
  /** Bytes. */
  readonly mtu: number
  /** Outgoing traffic takes the host's address. */
  readonly masquerade: boolean
  /** Containers of this network may talk to each other. */
  readonly icc: boolean
  /** A bridge name of the user's instead of `tsc-<id>`; at most 15 bytes. */
  readonly bridgeName?: string
  /** The address of the host at which a port is published that names none, instead of all. */
  readonly hostBinding?: string
}

/** Reads them; what is not set has Docker's default. */
export function bridgeOptions(options: Network['options']): BridgeOptions {
  const { [MTU]: mtu, [NAME]: name, [BINDING]: binding } = options
  return {
    mtu: mtu === undefined ? DEFAULT_MTU : Number(mtu),
    masquerade: options[MASQUERADE] !== 'false',
    icc: options[TALK] !== 'false',
    ...(name === undefined ? {} : { bridgeName: name }),
    ...(binding === undefined || binding === '0.0.0.0' ? {} : { hostBinding: binding }),
  }
}

/** Those that are kept and have no effect. */
export function unknownBridgeOptions(options: Network['options']): string[] {
  return Object.keys(options).filter(name => !KNOWN.includes(name))
}

/** NETWORK_OPTION for what cannot be read or is not supported, or a bridge name that is taken: by a bridge in `taken`, or by another link. */
export function checkBridgeOptions(
  options: Network['options'],
  taken: readonly string[],
  links: Pick<Links, 'has'>,
  hasIpv6: boolean,
): void {
  const { [MTU]: mtu, [NAME]: name, [BINDING]: binding } = options
  if (binding !== undefined && parseAddress(binding)?.family !== 4)
    throw invalid('address for published ports', binding, 'an IPv4 address of this machine')
  for (const mode of GATEWAY_MODES) {
    const { [mode]: wanted = 'nat' } = options
    if (wanted !== 'nat') throw invalid('gateway mode', wanted, 'nat, which is the one that there is')
  }
  if (mtu !== undefined) checkMtu(mtu, hasIpv6)
  if (name === undefined) return
  if (!/^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,14}$/.test(name))
    throw invalid('bridge name', name, 'at most 15 letters, digits, "_", "." and "-"')
  if (name === 'all' || name === 'default')
    throw invalid('bridge name', name, 'one that the kernel does not keep for the settings of all interfaces')
  if (taken.includes(name)) throw invalid('bridge name', name, 'one that no other network has')
  if (links.has(name)) throw invalid('bridge name', name, 'one that no interface of this machine has')
}

/** What the kernel takes for a bridge: a link with less than 1280 has no IPv6 (RFC 8200). */
function checkMtu(text: string, hasIpv6: boolean): void {
  const least = hasIpv6 ? 1280 : 68
  if (/^\d+$/.test(text) && Number(text) >= least && Number(text) <= 65535) return
  throw invalid('MTU', text, `${least} to 65535 bytes${hasIpv6 ? ', as the network has IPv6' : ''}`)
}

function invalid(what: string, got: string, want: string): Failure {
  return failure({
    code: 'NETWORK_OPTION',
    kind: 'invalidArgument',
    summary: `${what} "${got}" is not allowed, want ${want}`,
  })
}
