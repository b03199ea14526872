import { attributeText, parseAttributes, u32Attribute } from './attribute.ts'
import { BRIDGE_PORT, type BridgePort, IFF_UP, IFLA, IFLA_INFO } from './link.ts'
import { dumpRequest, parseMessages, RTM } from './message.ts'

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

/** Asks for all links of a namespace. What they have counted would be most of the answer, and is left out. */
export function dumpLinks(): Buffer {
  return dumpRequest(RTM.GETLINK, Buffer.alloc(16), u32Attribute(IFLA.EXT_MASK, SKIP_STATS))
}

/** Links of a dump's answer; other messages are passed over. */
export function parseLinks(bytes: Buffer): Link[] {
  return parseMessages(bytes).flatMap(({ type, body }) =>
    type === RTM.NEWLINK && body.length >= 16 ? [parseLink(body)] : [],
  )
}

const READ = [IFLA.LINKINFO, IFLA.MASTER, IFLA.LINK, IFLA.ADDRESS, IFLA.MTU, IFLA.IFNAME]

function parseLink(body: Buffer): Link {
  const attributes = parseAttributes(body.subarray(16), READ)
  const info = parseAttributes(attributes.get(IFLA.LINKINFO) ?? Buffer.alloc(0))
  const kind = attributeText(info.get(IFLA_INFO.KIND))
  const master = u32(attributes.get(IFLA.MASTER))
  const peer = u32(attributes.get(IFLA.LINK))
  const mac = attributes.get(IFLA.ADDRESS)
  const mtu = u32(attributes.get(IFLA.MTU))
  return {
    index: body.readInt32LE(4),
    name: attributeText(attributes.get(IFLA.IFNAME)) ?? '',
    up: (body.readUInt32LE(8) & IFF_UP) !== 0,
    ...(kind === undefined ? {} : { kind }),
    ...(master === undefined ? {} : { master }),
    ...(peer === undefined ? {} : { peer }),
    ...(mac?.length === 6 ? { macAddress: formatMac(mac) } : {}),
    ...(mtu === undefined ? {} : { mtu }),
    ...portOf(info),
  }
}

function portOf(info: ReadonlyMap<number, Buffer>): { readonly port?: BridgePort } {
  if (attributeText(info.get(IFLA_INFO.SLAVE_KIND)) !== 'bridge') return {}
  const told = parseAttributes(info.get(IFLA_INFO.SLAVE_DATA) ?? Buffer.alloc(0))
  const port = Object.entries(BRIDGE_PORT).flatMap(([name, type]) => {
    const value = told.get(type)?.[0]
    return value === undefined ? [] : [[name, value] as const]
  })
  return { port: Object.fromEntries(port) }
}

function formatMac(bytes: Buffer): string {
  return [...bytes].map(byte => byte.toString(16).padStart(2, '0')).join(':')
}

function u32(payload: Buffer | undefined): number | undefined {
  return payload !== undefined && payload.length >= 4 ? payload.readUInt32LE(0) : undefined
}
