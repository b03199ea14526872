/** What is asked of the connection to nf_tables: each request is {u32 this, u32 length, bytes} (native/rules/rules.c). */
export const RULES = { change: 0, list: 1, flows: 2, watch: 3, attach: 4, peers: 5 } as const

/** Bytes of a match. */
export const FLOW_MATCH_LENGTH = 44

/** When a match is about a flow, beyond its addresses and ports. */
export const FLOW = {
  /** Its destination was translated. */
  translated: 1,
  /** Its source was not: it is a client's of this host, not one that leaves through it. */
  ofClient: 2,
  /** It was led to a port that is `shift` further than the one that was asked for. */
  shifted: 4,
  /** It comes from the target; without this it was led there. */
  fromTarget: 8,
} as const

/** An address, or all that begin with its first bits. */
export interface FlowPlace {
  readonly bytes: Uint8Array
  readonly bits: number
}

/** Which of the flows that connection tracking remembers; what is not said may be anything. */
export interface FlowMatch {
  /** They stay, whatever other matches are about them. */
  readonly keeps?: true
  readonly family: 4 | 6
  /** Its number. */
  readonly protocol?: number
  readonly when: readonly (keyof typeof FLOW)[]
  /** Ports that were asked for, first and last. */
  readonly ports?: readonly [number, number]
  readonly shift?: number
  /** The address that was asked for. */
  readonly host?: FlowPlace
  /** The one that they were led to, or come from. */
  readonly target?: FlowPlace
}

/** Linux's numbers of the families. */
const FAMILY = { 4: 2, 6: 10 } as const
const ANYWHERE: FlowPlace = { bytes: new Uint8Array(), bits: 0 }

/**
 * The bytes of matches, those that keep behind the others; each {u8 keeps, u8 family, u8 protocol, u8 when, u16 first, u16 last, u16 shift, u8 bits of the host's address, u8
 * bits of the target's, 16 bytes of each}, little-endian.
 */
export function encodeFlowMatches(matches: readonly FlowMatch[]): Buffer {
  const all = Buffer.alloc(matches.length * FLOW_MATCH_LENGTH)
  const inOrder = [...matches.filter(({ keeps }) => keeps !== true), ...matches.filter(({ keeps }) => keeps)]
  for (const [index, match] of inOrder.entries()) {
    const { ports: [first, last] = [0, 0xffff], host = ANYWHERE, target = ANYWHERE } = match
    const bytes = all.subarray(index * FLOW_MATCH_LENGTH)
    bytes.writeUInt8(match.keeps === true ? 1 : 0, 0)
    bytes.writeUInt8(FAMILY[match.family], 1)
    bytes.writeUInt8(match.protocol ?? 0, 2)
    bytes.writeUInt8(
      match.when.reduce((mask, each) => mask | FLOW[each], 0),
      3,
    )
    bytes.writeUInt16LE(first, 4)
    bytes.writeUInt16LE(last, 6)
    bytes.writeUInt16LE((match.shift ?? 0) & 0xffff, 8)
    bytes.writeUInt8(host.bits, 10)
    bytes.writeUInt8(target.bits, 11)
    bytes.set(host.bytes, 12)
    bytes.set(target.bytes, 28)
  }
  return all
}

/** Bytes of an address in a request for the end of connections (native/rules/peers.c). */
const PEER_LENGTH = 20

/** Addresses whose connections are to end, by their bytes: each {u32 family, 16 bytes}, little-endian. */
export function encodePeers(addresses: readonly Uint8Array[]): Buffer {
  const all = Buffer.alloc(addresses.length * PEER_LENGTH)
  for (const [index, bytes] of addresses.entries()) {
    all.writeUInt32LE(FAMILY[bytes.length === 4 ? 4 : 6], index * PEER_LENGTH)
    all.set(bytes, index * PEER_LENGTH + 4)
  }
  return all
}
