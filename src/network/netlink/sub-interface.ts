import { nestedAttribute, u16Attribute, u32Attribute } from './attribute.ts'
import { IFLA, infoKind, type LinkSettings, linkHeader, newLink } from './link.ts'
import { NLM_F, RTM, request } from './message.ts'

/** Modes of macvlan (linux/if_link.h), the default first. */
export const MACVLAN_MODES = { bridge: 4, private: 1, vepa: 2, passthru: 8 } as const
/** Modes of ipvlan, the default first, and how its containers see each other. */
export const IPVLAN_MODES = { l2: 0, l3: 1, l3s: 2 } as const
export const IPVLAN_FLAGS = { bridge: 0, private: 1, vepa: 2 } as const

const IFLA_MACVLAN_MODE = 1
const IFLA_IPVLAN = { MODE: 1, FLAGS: 2 } as const
const IFLA_VLAN_ID = 1

/** What an interface on another link is; words that are not in the tables above are the default. */
export type SubInterfaceKind =
  | { readonly kind: 'macvlan'; readonly mode: string }
  | { readonly kind: 'ipvlan'; readonly mode: string; readonly flag: string }

/** A link of that kind and nothing else: EINVAL of a kernel that has the kind, EOPNOTSUPP of one that has not. */
export function newLinkOfKind(kind: string): Buffer {
  return request(
    RTM.NEWLINK,
    NLM_F.CREATE | NLM_F.EXCL,
    linkHeader(0),
    nestedAttribute(IFLA.LINKINFO, infoKind(kind)),
  )
}

/** An 802.1q sub-interface of the link with that index. */
export function createVlan(vlan: LinkSettings & { readonly link: number; readonly id: number }): Buffer {
  const kind = { kind: 'vlan', data: [u16Attribute(IFLA_VLAN_ID, vlan.id)] }
  return newLink(vlan, kind, [u32Attribute(IFLA.LINK, vlan.link)])
}

/** A macvlan or ipvlan interface on the link with that index, in the namespace of that fd. */
export function createSubInterface(
  given: LinkSettings & {
    readonly link: number
    readonly netnsFd: number
    readonly kind: SubInterfaceKind
  },
): Buffer {
  return newLink(given, { kind: given.kind.kind, data: dataOf(given.kind) }, [
    u32Attribute(IFLA.LINK, given.link),
    u32Attribute(IFLA.NET_NS_FD, given.netnsFd),
  ])
}

function dataOf(given: SubInterfaceKind): Buffer[] {
  if (given.kind === 'macvlan')
    return [u32Attribute(IFLA_MACVLAN_MODE, wordOf(MACVLAN_MODES, given.mode, MACVLAN_MODES.bridge))]
  return [
    u16Attribute(IFLA_IPVLAN.MODE, wordOf(IPVLAN_MODES, given.mode, IPVLAN_MODES.l2)),
    u16Attribute(IFLA_IPVLAN.FLAGS, wordOf(IPVLAN_FLAGS, given.flag, IPVLAN_FLAGS.bridge)),
  ]
}

function wordOf(words: Readonly<Record<string, number>>, word: string, otherwise: number): number {
  return Object.hasOwn(words, word) ? (words[word] ?? otherwise) : otherwise
}
