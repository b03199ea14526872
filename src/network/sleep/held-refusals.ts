import type { NetlinkOp } from '../../native/index.ts'
import {
  containerNetlink,
  headerIs,
  newBaseChain,
  newRule,
  newTable,
  nftBatch,
  protocolIs,
  removeTable,
  verdict,
} from '../netlink/index.ts'

const TABLE = 'tscompose_asleep'
const CHAIN = { family: 'inet', table: TABLE, name: 'output' } as const

const RST_ACK = 0x14

/**
 * What a kernel says where nobody listens: TCP's reset of a connection that was to begin, which alone has no number of its own (RFC 9293 §3.10.7.1), and that no
 * such port is to be reached, of either family.
 */
const REFUSALS: readonly Buffer[][] = [
  [
    ...protocolIs(6),
    ...headerIs({ base: 'transport', offset: 13 }, Uint8Array.of(RST_ACK)),
    ...headerIs({ base: 'transport', offset: 4 }, new Uint8Array(4)),
  ],
  [...protocolIs(1), ...headerIs({ base: 'transport', offset: 0 }, Uint8Array.of(3, 3))],
  [...protocolIs(58), ...headerIs({ base: 'transport', offset: 0 }, Uint8Array.of(1, 4))],
]

/** A container's refusals are held back: who comes tries again, until it listens. A transaction in its network; made twice it is as made once. */
export function holdRefusals(): Buffer {
  const table = newTable('inet', TABLE)
  return nftBatch(
    table,
    removeTable('inet', TABLE),
    table,
    newBaseChain({ ...CHAIN, hook: 'output', priority: 0, policy: 'accept' }),
    ...REFUSALS.map(match => newRule(CHAIN, [...match, verdict('drop')])),
  )
}

/** The same in a container's program. */
export function holdRefusalsOp(): NetlinkOp {
  return { ...containerNetlink('hold back what it refuses', holdRefusals()), protocol: 'netfilter' }
}

/** They go again. */
export function letRefusalsGo(): Buffer {
  return nftBatch(newTable('inet', TABLE), removeTable('inet', TABLE))
}
