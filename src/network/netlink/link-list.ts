import { eachAttribute, textAt, u32At, u32Attribute } from './attribute.ts'
import { BRIDGE_PORT, type BridgePort, IFF_UP, IFLA, IFLA_INFO } from './link.ts'
import { dumpRequest, eachMessage, type Listing, pathOf, RTM } from './message.ts'

/** RTEXT_FILTER_SKIP_STATS. */
const SKIP_STATS = 8

/** A link as the kernel tells of it. */
export interface Link {
  readonly index: number
  readonly name: string
  readonly up: boolean
  /** `bridge`, `veth` … */
  readonly kind?: string
  /** Index of the bridge that it is enslaved to. */
  readonly master?: number
  /** Index of the link that it hangs on, in the namespace of that one: of a veth pair the other end. */
  readonly peer?: number
  readonly macAddress?: string
  readonly mtu?: number
  /** Of a bridge's port. */
  readonly port?: BridgePort
}

/** What is kept of a link: of fifty attributes and many kilobytes these. */
const KEPT: readonly number[] = [
  ...[IFLA.MASTER, IFLA.LINK, IFLA.ADDRESS, IFLA.MTU, IFLA.IFNAME].map(type => pathOf(type)),
  ...[IFLA_INFO.KIND, IFLA_INFO.SLAVE_KIND].map(type => pathOf(IFLA.LINKINFO, type)),
  ...Object.values(BRIDGE_PORT).map(type => pathOf(IFLA.LINKINFO, IFLA_INFO.SLAVE_DATA, type)),
]

/** Bytes of struct ifinfomsg. */
const HEAD = 16

/** Asks for all links of a namespace. What they have counted would be most of the answer, and is left out. */
export function dumpLinks(): Listing {
  const mask = u32Attribute(IFLA.EXT_MASK, SKIP_STATS)
  return { bytes: dumpRequest(RTM.GETLINK, Buffer.alloc(HEAD), mask), head: HEAD, keep: KEPT }
}

/** Links of a dump's answer; other messages are passed over. */
export function parseLinks(bytes: Buffer): Link[] {
  const links: Link[] = []
  eachMessage(bytes, (type, from, to) => {
    if (type === RTM.NEWLINK && to - from >= HEAD) links.push(parseLink(bytes, from, to))
  })
  return links
}

type Writable<T> = { -readonly [Key in keyof T]: T[Key] }

function parseLink(bytes: Buffer, from: number, to: number): Link {
  const up = (u32At(bytes, from + 8) & IFF_UP) !== 0
  const link: Writable<Link> = { index: u32At(bytes, from + 4), name: '', up }
  eachAttribute(bytes, from + HEAD, to, (type, start, end) => {
    if (type === IFLA.IFNAME) link.name = textAt(bytes, start, end)
    else if (type === IFLA.LINKINFO) readInfo(link, bytes, start, end)
    else if (type === IFLA.ADDRESS && end - start === 6) link.macAddress = macAt(bytes, start)
    else if (end - start < 4) return
    else if (type === IFLA.MASTER) link.master = u32At(bytes, start)
    else if (type === IFLA.LINK) link.peer = u32At(bytes, start)
    else if (type === IFLA.MTU) link.mtu = u32At(bytes, start)
  })
  return link
}

function readInfo(link: Writable<Link>, bytes: Buffer, from: number, to: number): void {
  let slaveKind = ''
  eachAttribute(bytes, from, to, (type, start, end) => {
    if (type === IFLA_INFO.KIND) link.kind = textAt(bytes, start, end)
    else if (type === IFLA_INFO.SLAVE_KIND) slaveKind = textAt(bytes, start, end)
    else if (type === IFLA_INFO.SLAVE_DATA) link.port = portAt(bytes, start, end)
  })
  // Data of another master's ports means something else.
  if (slaveKind !== 'bridge') delete link.port
}

const PORT_NAMES: ReadonlyMap<number, keyof BridgePort> = new Map(
  Object.entries(BRIDGE_PORT).map(([name, type]) => [type, name as keyof BridgePort]),
)

function portAt(bytes: Buffer, from: number, to: number): BridgePort {
  const port: Writable<BridgePort> = {}
  eachAttribute(bytes, from, to, (type, start) => {
    const name = PORT_NAMES.get(type)
    if (name !== undefined) port[name] = bytes[start] ?? 0
  })
  return port
}

function macAt(bytes: Buffer, from: number): string {
  const digits = bytes.toString('hex', from, from + 6)
  return `${digits.slice(0, 2)}:${digits.slice(2, 4)}:${digits.slice(4, 6)}:${digits.slice(6, 8)}:${digits.slice(8, 10)}:${digits.slice(10)}`
}
