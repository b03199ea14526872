import { attribute, textAttribute } from './attribute.ts'
import { be32Attribute } from './nft-attribute.ts'
import {
  compare,
  expression,
  type HeaderPart,
  load,
  lookup,
  masked,
  meta,
  REGISTER,
  VERDICT_REGISTER,
} from './nft-expression.ts'

/** Attributes of expressions (linux/netfilter/nf_tables.h). */
const NFTA_CT = { DREG: 1, KEY: 2 } as const
const NFTA_FIB = { DREG: 1, RESULT: 2, FLAGS: 3 } as const
const NFT_CT = { state: 0, status: 2 } as const
const NFT_FIB = { ADDRTYPE: 3, DADDR: 2 } as const
const RTN_LOCAL = 2
/** A match of iptables: name, revision and the structure that it takes. */
const NFTA_MATCH = { NAME: 1, REV: 2, INFO: 3 } as const
/** struct xt_conntrack_mtinfo3 (linux/netfilter/xt_conntrack.h), aligned as x_tables has it: its flags, and where states are in it. */
const CONNTRACK = {
  size: 168,
  matchFlags: 146,
  stateMask: 150,
  STATE: 1,
  ESTABLISHED: 2,
  RELATED: 4,
} as const

/** Only packets whose header has these bytes there. */
export function headerIs(part: HeaderPart, bytes: Uint8Array): Buffer[] {
  return [load(part, bytes.length), compare('equal', bytes)]
}

/** Only packets whose header has other bytes there. */
export function headerIsNot(part: HeaderPart, bytes: Uint8Array): Buffer[] {
  return [load(part, bytes.length), compare('unequal', bytes)]
}

/** Only packets of this transport protocol (IPPROTO_TCP, IPPROTO_UDP). */
export function protocolIs(protocol: number): Buffer[] {
  return [meta('l4proto'), compare('equal', Uint8Array.of(protocol))]
}

/** Only packets of sockets that have this mark (SO_MARK). */
export function markIs(mark: number): Buffer[] {
  return [meta('mark'), compare('equal', hostOrder(mark))]
}

/** Only packets of this family (NFPROTO_), in a table of several. */
export function familyIs(family: number): Buffer[] {
  return [meta('nfproto'), compare('equal', Uint8Array.of(family))]
}

/** Only packets that came (or go) by an interface of these bytes of name: 16 are a whole one, fewer its beginning. */
export function linkIs(way: 'iifname' | 'oifname', name: Uint8Array): Buffer[] {
  return [meta(way), compare('equal', name)]
}

/** Only packets that go by another interface. */
export function linkIsNot(way: 'iifname' | 'oifname', name: Uint8Array): Buffer[] {
  return [meta(way), compare('unequal', name)]
}

/** What the map has for the interface decides, where it has it; of a set: only packets of its interfaces. */
export function linkIn(way: 'iifname' | 'oifname', set: string, kind: 'set' | 'verdicts'): Buffer[] {
  return [meta(way), lookup(set, kind === 'verdicts' ? VERDICT_REGISTER : undefined)]
}

/** Only packets of connections that have one of these bits: of `state` 2 is established, 4 related; of `status` 32 is translated. */
export function connectionHas(what: keyof typeof NFT_CT, bits: number): Buffer[] {
  return [
    expression('ct', be32Attribute(NFTA_CT.DREG, REGISTER), be32Attribute(NFTA_CT.KEY, NFT_CT[what])),
    masked(hostOrder(bits)),
    compare('unequal', new Uint8Array(4)),
  ]
}

/** Only packets of connections that are established or related, as `iptables -m conntrack --ctstate` has it. */
export function conntrackMatch(): Buffer {
  const info = Buffer.alloc(CONNTRACK.size)
  // Numbers are in the machine's own order, which is this one wherever we run.
  info.writeUInt16LE(CONNTRACK.STATE, CONNTRACK.matchFlags)
  info.writeUInt16LE(CONNTRACK.ESTABLISHED | CONNTRACK.RELATED, CONNTRACK.stateMask)
  return expression(
    'match',
    textAttribute(NFTA_MATCH.NAME, 'conntrack'),
    be32Attribute(NFTA_MATCH.REV, 3),
    attribute(NFTA_MATCH.INFO, info),
  )
}

/** Only packets to an address of the host's own. */
export function toOwnAddress(): Buffer[] {
  return [
    expression(
      'fib',
      be32Attribute(NFTA_FIB.DREG, REGISTER),
      be32Attribute(NFTA_FIB.RESULT, NFT_FIB.ADDRTYPE),
      be32Attribute(NFTA_FIB.FLAGS, NFT_FIB.DADDR),
    ),
    compare('equal', hostOrder(RTN_LOCAL)),
  ]
}

/** Only packets whose header has there what begins with so many of these bits. */
export function headerBegins(part: HeaderPart, bytes: Uint8Array, bits: number): Buffer[] {
  const whole = bits >> 3
  if (bits % 8 === 0 && whole > 0) return headerIs(part, bytes.subarray(0, whole))
  const mask = Uint8Array.from(
    bytes,
    (_, index) => (0xff00 >> Math.min(8, Math.max(0, bits - index * 8))) & 0xff,
  )
  return [
    load(part, bytes.length),
    masked(mask),
    compare(
      'equal',
      bytes.map((byte, index) => byte & (mask[index] ?? 0)),
    ),
  ]
}

/** Only packets whose header has there what is in the set. */
export function headerIn(part: HeaderPart, length: number, set: string): Buffer[] {
  return [load(part, length), lookup(set)]
}

/** Only packets whose header has there what is between these, or one of them. */
export function headerBetween(part: HeaderPart, first: Uint8Array, last: Uint8Array): Buffer[] {
  return [load(part, first.length), compare('atLeast', first), compare('atMost', last)]
}

function hostOrder(number: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(number)
  return bytes
}
