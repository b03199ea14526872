import { attribute, nestedAttribute, textAttribute, u8Attribute, u32Attribute } from './attribute.ts'
import { AF } from './family.ts'
import { NLM_F, RTM, request } from './message.ts'

/** Attributes of links (linux/if_link.h). */
export const IFLA = {
  ADDRESS: 1,
  IFNAME: 3,
  MTU: 4,
  LINK: 5,
  MASTER: 10,
  ALIAS: 20,
  LINKINFO: 18,
  AF_SPEC: 26,
  GROUP: 27,
  NET_NS_FD: 28,
  EXT_MASK: 29,
  NUM_TX_QUEUES: 31,
  NUM_RX_QUEUES: 32,
} as const
/** Of what a link is, nested. */
export const IFLA_INFO = { KIND: 1, DATA: 2, SLAVE_KIND: 4, SLAVE_DATA: 5 } as const
/** Of a bridge's port (IFLA_BRPORT_…): what it is called here, and where it is in a message. A byte each. */
export const BRIDGE_PORT = {
  learning: 8,
  unicast_flood: 9,
  multicast_flood: 27,
  broadcast_flood: 30,
  isolated: 33,
} as const
/** Settings of a port, as the kernel writes them. */
export type BridgePort = Readonly<Partial<Record<keyof typeof BRIDGE_PORT, number>>>

const IFLA_INET6_ADDR_GEN_MODE = 8
const IN6_ADDR_GEN_MODE_NONE = 1
const VETH_INFO_PEER = 1
export const IFF_UP = 1

/** What all kinds of link that we make have in common. */
export interface LinkSettings {
  readonly name: string
  /** The index that the link shall have, so that later messages can name it before it exists. */
  readonly index: number
  /** `02:…`; the kernel chooses one when absent. */
  readonly macAddress?: string
  readonly mtu?: number
}

/** Creates a bridge. Fails with EEXIST when one of that name exists. */
export function createBridge(link: LinkSettings): Buffer {
  return newLink(link, { kind: 'bridge' })
}

/**
 * Creates a veth pair: the outside end up and enslaved where it has a master, the inside end in the namespace of that fd where one is given. The kernel heeds the
 * inside end's index only when the outside end has one as well.
 */
export function createVethPair(
  outside: LinkSettings & { readonly master?: number },
  inside: LinkSettings & { readonly netnsFd?: number },
): Buffer {
  const peer = Buffer.concat([
    linkHeader(inside.index),
    ...settings(inside),
    ...(inside.netnsFd === undefined ? [] : [u32Attribute(IFLA.NET_NS_FD, inside.netnsFd)]),
    ...ONE_QUEUE,
  ])
  return newLink(
    outside,
    { kind: 'veth', data: [attribute(VETH_INFO_PEER, peer)] },
    [...(outside.master === undefined ? [] : [u32Attribute(IFLA.MASTER, outside.master)]), ...ONE_QUEUE],
    IFF_UP,
  )
}

/** As many as an end uses: of itself the kernel makes one for each processor that the machine may ever have, with its files, and takes all but one away again. */
const ONE_QUEUE: readonly Buffer[] = [
  u32Attribute(IFLA.NUM_TX_QUEUES, 1),
  u32Attribute(IFLA.NUM_RX_QUEUES, 1),
]

/** What a link is, and what it has as such. */
interface LinkKind {
  readonly kind: string
  readonly data?: readonly Buffer[]
}

/** Creates a link; `where`: what it hangs on, and its namespace. Fails with EEXIST when one of that name exists. */
export function newLink(
  link: LinkSettings,
  { kind, data }: LinkKind,
  where: readonly Buffer[] = [],
  flags = 0,
): Buffer {
  return request(
    RTM.NEWLINK,
    NLM_F.CREATE | NLM_F.EXCL,
    linkHeader(link.index, flags),
    ...settings(link),
    ...where,
    nestedAttribute(
      IFLA.LINKINFO,
      infoKind(kind),
      ...(data === undefined ? [] : [nestedAttribute(IFLA_INFO.DATA, ...data)]),
    ),
  )
}

/** Brings a link up. */
export function setLinkUp(link: number | string): Buffer {
  return request(RTM.NEWLINK, 0, ...target(link, IFF_UP))
}

/** Gives a link that is down another name. */
export function setLinkName(link: number, name: string): Buffer {
  return request(RTM.NEWLINK, 0, linkHeader(link), textAttribute(IFLA.IFNAME, name))
}

/** Makes a link a port of a bridge. */
export function setLinkMaster(link: number, bridge: number): Buffer {
  return request(RTM.NEWLINK, 0, linkHeader(link), u32Attribute(IFLA.MASTER, bridge))
}

/** Gives a link another MAC address. */
export function setLinkMac(link: number, macAddress: string): Buffer {
  return request(RTM.NEWLINK, 0, linkHeader(link), attribute(IFLA.ADDRESS, macBytes(macAddress)))
}

/** Sets a link's MTU. */
export function setLinkMtu(link: number | string, mtu: number): Buffer {
  return request(RTM.NEWLINK, 0, ...target(link), u32Attribute(IFLA.MTU, mtu))
}

/** Longest alias of a link, in bytes. */
const ALIAS_MAX = 255

/**
 * Gives a link a text that says what it is for; a text that has no room is left out: cut, it would say something else. The kernel heeds it of a
 * link that there is, not of one that is made.
 */
export function setLinkAlias(link: number | string, alias: string): Buffer[] {
  const bytes = Buffer.from(alias)
  if (bytes.length > ALIAS_MAX) return []
  return [request(RTM.NEWLINK, 0, ...target(link), attribute(IFLA.ALIAS, bytes))]
}

/** Sets what a port of a bridge does. One that is `isolated` talks to the bridge itself, but to no other such port. */
export function setBridgePort(link: number | string, port: BridgePort): Buffer {
  const names = Object.keys(port) as (keyof BridgePort)[]
  const data = Buffer.concat(names.map(name => u8Attribute(BRIDGE_PORT[name], port[name] ?? 0)))
  return request(
    RTM.NEWLINK,
    0,
    ...target(link),
    nestedAttribute(
      IFLA.LINKINFO,
      attribute(IFLA_INFO.SLAVE_KIND, Buffer.from('bridge')),
      nestedAttribute(IFLA_INFO.SLAVE_DATA, data),
    ),
  )
}

/** Gives a link no IPv6 address of its own when it comes up. Kernels without IPv6 refuse it with EAFNOSUPPORT. */
export function setNoLinkLocal(link: number): Buffer {
  const mode = u8Attribute(IFLA_INET6_ADDR_GEN_MODE, IN6_ADDR_GEN_MODE_NONE)
  return request(RTM.NEWLINK, 0, ...target(link), nestedAttribute(IFLA.AF_SPEC, nestedAttribute(AF[6], mode)))
}

/** Removes a link; of a veth pair both ends. Fails with ENODEV when there is none. */
export function deleteLink(link: number | string): Buffer {
  return request(RTM.DELLINK, 0, ...target(link))
}

/** Puts a link into a group of links. */
export function setLinkGroup(link: string, group: number): Buffer {
  return request(RTM.SETLINK, 0, ...target(link), u32Attribute(IFLA.GROUP, group))
}

/** Deletes all links of a group in one step. Fails with ENODEV where it has none. */
export function deleteLinks(group: number): Buffer {
  return request(RTM.DELLINK, 0, linkHeader(0), u32Attribute(IFLA.GROUP, group))
}

/** struct ifinfomsg; only the flags that are set here are changed. */
export function linkHeader(index: number, flags = 0): Buffer {
  const header = Buffer.alloc(16)
  header.writeInt32LE(index, 4)
  header.writeUInt32LE(flags, 8)
  header.writeUInt32LE(flags, 12)
  return header
}

/** Header, and name where the link is not known by index. */
function target(link: number | string, flags = 0): Buffer[] {
  return typeof link === 'number'
    ? [linkHeader(link, flags)]
    : [linkHeader(0, flags), textAttribute(IFLA.IFNAME, link)]
}

/** Name, MAC address and MTU, as far as they are given. */
function settings(link: Omit<LinkSettings, 'index'>): Buffer[] {
  return [
    textAttribute(IFLA.IFNAME, link.name),
    ...(link.macAddress === undefined ? [] : [attribute(IFLA.ADDRESS, macBytes(link.macAddress))]),
    ...(link.mtu === undefined ? [] : [u32Attribute(IFLA.MTU, link.mtu)]),
  ]
}

/** The kernel wants the kind's name without its NUL counted or with it alike; `ip` leaves it out. */
export function infoKind(kind: string): Buffer {
  return attribute(IFLA_INFO.KIND, Buffer.from(kind))
}

function macBytes(text: string): Buffer {
  return Buffer.from(text.replaceAll(/[:-]/g, ''), 'hex')
}
