import { addressBytes, type Family, formatAddress, parseAddress } from '../ip/address.ts'
import type { FirewallNetwork, FirewallState } from './firewall-state.ts'
import { covers } from './firewalld-table.ts'
import { partsOf } from './network-parts.ts'
import { openPorts, toOpenPorts } from './open-ports.ts'
import {
  ACCEPT,
  ESTABLISHED,
  fromSet,
  ICMP,
  jump,
  linkOf,
  NEIGHBOURS,
  type OpenPorts,
  REJECT,
  RESET,
} from './rule-words.ts'
import { type Chain, type Element, type NamedSet, type Rule, rule } from './table.ts'

const FAMILIES: readonly Family[] = [4, 6]
const nameOf = (family: Family): string => `host_access${family}`

/** What keeps networks from what the host listens on, but for the containers that may reach it; nothing without such networks. */
export interface HostAccess {
  readonly sets: readonly (readonly [string, NamedSet])[]
  readonly chains: readonly (readonly [string, Chain])[]
}

/** Networks of one kind, and what of the host they come to for all that. */
interface Kept {
  /** Of their set; `from_<name>` is their chain. */
  readonly name: string
  readonly networks: readonly FirewallNetwork[]
  readonly open: readonly Rule[]
}

/**
 * Of the host there are on an internal network the gateway's address, on the link, and by it whatever listens at all addresses. What the host itself asks is
 * answered. Networks that another firewall trusts since it had to come to published ports and to what it has open for everybody. The hook is there with the
 * first such network, so that others' packets are not looked at.
 */
export function hostAccessOf(state: FirewallState): HostAccess {
  const all = [
    { name: 'internal', networks: state.networks.filter(each => each.internal), open: [] },
    ...guardedOf(state),
  ].filter(({ networks }) => networks.length > 0)
  if (all.length === 0) return { sets: [], chains: [] }
  return {
    sets: [
      ...all.map(({ name, networks }): [string, NamedSet] => [
        name,
        { key: ['ifname'], elements: new Map(networks.map(each => partsOf(each).link)) },
      ]),
      ...FAMILIES.map((family): [string, NamedSet] => [
        nameOf(family),
        {
          key: [`ipv${family}_addr`],
          elements: new Map((state.hostAccess ?? []).flatMap(each => elementOf(family, each))),
        },
      ]),
    ],
    chains: [
      ...all.map((kept): [string, Chain] => [`from_${kept.name}`, { rules: rulesOf(kept) }]),
      [
        'input',
        {
          hook: { hook: 'input', priority: 0, policy: 'accept' },
          rules: all.map(({ name }) => rule(linkOf('iifname', name), jump(`from_${name}`))),
        },
      ],
    ],
  }
}

function guardedOf({ guard, networks, published }: FirewallState): Kept[] {
  if (guard === undefined) return []
  const accept = (ports: OpenPorts): Rule[] => {
    const to = toOpenPorts('inet', ports)
    return to === undefined ? [] : [rule(to, ACCEPT)]
  }
  return [
    {
      name: 'guarded',
      networks: networks.filter(
        ({ internal, link }) => !internal && guard.links.some(name => covers(name, link)),
      ),
      open: [...[...openPorts(published, 'links'), ...guard.opened].flatMap(accept), rule(ICMP, ACCEPT)],
    },
  ]
}

function rulesOf({ open }: Kept): Rule[] {
  return [
    rule(ESTABLISHED, ACCEPT),
    rule(NEIGHBOURS, ACCEPT),
    ...open,
    ...FAMILIES.map(family => rule(fromSet(family, nameOf(family)), ACCEPT)),
    RESET,
    REJECT,
  ]
}

function elementOf(family: Family, text: string): [string, Element][] {
  const address = parseAddress(text)
  if (address?.family !== family) return []
  return [[formatAddress(address), { encode: () => ({ key: addressBytes(address) }) }]]
}
