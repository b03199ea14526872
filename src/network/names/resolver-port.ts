import type { NetlinkOp } from '../../native/index.ts'
import {
  containerNetlink,
  type HeaderPart,
  headerIs,
  newBaseChain,
  newRule,
  newTable,
  nftBatch,
  portBytes,
  protocolIs,
  removeTable,
  setHeader,
} from '../netlink/index.ts'
import { EMBEDDED_SERVER } from './resolv-conf.ts'

/**
 * Port at 127.0.0.11 that the relay listens on. Not 53: a container's own name server binds that port of all addresses,
 * and the kernel counts a socket at one address against it. One that is always the same, so that a container starts
 * alike each time; above those that the kernel hands out by itself.
 */
export const RESOLVER_PORT = 61_053

const DNS_PORT = 53
const TABLE = 'tscompose_resolver'
/** Before connection tracking, which so knows the relay's true port in both directions … */
const BEFORE_TRACKING = -300
/** … and after everything that knows connections, or filters. */
const LAST = 300

/** Protocols with the place of the checksum in their header. */
const TRANSPORTS = [
  { protocol: 17, checksum: 6 },
  { protocol: 6, checksum: 16 },
] as const
const SERVER = Uint8Array.from(EMBEDDED_SERVER.split('.'), Number)

/** Where an IPv4 packet has the address and the port of one of its ends. */
interface End {
  readonly address: HeaderPart
  readonly port: HeaderPart
}
const SOURCE: End = { address: { base: 'network', offset: 12 }, port: { base: 'transport', offset: 0 } }
const DESTINATION: End = { address: { base: 'network', offset: 16 }, port: { base: 'transport', offset: 2 } }

/**
 * Rewrites port 53 of 127.0.0.11 to the relay's in what leaves the container's processes, and back in the answers. Two
 * chains that change one number each: NAT would track every connection that the container has. `instead` of those of before.
 */
export function resolverPortOp(instead = false): NetlinkOp {
  compiled ??= compile(false)
  return {
    ...containerNetlink(
      `lead ${EMBEDDED_SERVER}:${DNS_PORT} to the resolver`,
      instead ? compile(true) : compiled,
    ),
    protocol: 'netfilter',
  }
}

/** The same bytes for every container. */
let compiled: Buffer | undefined

function compile(instead: boolean): Buffer {
  return nftBatch(
    newTable('ip', TABLE),
    ...(instead ? [removeTable('ip', TABLE), newTable('ip', TABLE)] : []),
    rewriting('questions', BEFORE_TRACKING, DESTINATION, [DNS_PORT, RESOLVER_PORT]),
    rewriting('answers', LAST, SOURCE, [RESOLVER_PORT, DNS_PORT]),
  )
}

/** A chain that changes one end's port where that end is our server. */
function rewriting(name: string, priority: number, end: End, [from, to]: readonly [number, number]): Buffer {
  const rules = TRANSPORTS.map(({ protocol, checksum }) => [
    ...headerIs(end.address, SERVER),
    ...protocolIs(protocol),
    ...headerIs(end.port, portBytes(from)),
    ...setHeader(end.port, portBytes(to), checksum),
  ])
  const chain = { family: 'ip', table: TABLE, name } as const
  return Buffer.concat([
    newBaseChain({ ...chain, hook: 'output', priority, policy: 'accept' }),
    ...rules.map(rule => newRule(chain, rule)),
  ])
}
