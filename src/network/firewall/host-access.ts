import { addressBytes, type Family, formatAddress, parseAddress } from '../ip/address.ts'
import type { FirewallState } from './firewall-state.ts'
import { partsOf } from './network-parts.ts'
import { ACCEPT, ESTABLISHED, fromSet, jump, linkOf, NEIGHBOURS, REJECT, RESET } from './rule-words.ts'
import { type Chain, type Element, type NamedSet, rule } from './table.ts'

const FAMILIES: readonly Family[] = [4, 6]
const INTERNAL = 'internal'
const CHAIN = 'from_internal'
const nameOf = (family: Family): string => `host_access${family}`

/** What keeps internal networks from what the host listens on, but for the containers that may reach it; nothing without such networks. */
export interface HostAccess {
  readonly sets: readonly (readonly [string, NamedSet])[]
  readonly chains: readonly (readonly [string, Chain])[]
}

/**
 * Of the host there are on an internal network the gateway's address, on the link, and by it whatever listens at all addresses. What the host itself asks is
 * answered. The hook is there with the first such network, so that others' packets are not looked at.
 */
export function hostAccessOf({ networks, hostAccess = [] }: FirewallState): HostAccess {
  const internal = networks.filter(each => each.internal)
  if (internal.length === 0) return { sets: [], chains: [] }
  return {
    sets: [
      [INTERNAL, { key: ['ifname'], elements: new Map(internal.map(each => partsOf(each).link)) }],
      ...FAMILIES.map((family): [string, NamedSet] => [
        nameOf(family),
        {
          key: [`ipv${family}_addr`],
          elements: new Map(hostAccess.flatMap(each => elementOf(family, each))),
        },
      ]),
    ],
    chains: [
      [
        CHAIN,
        {
          rules: [
            rule(ESTABLISHED, ACCEPT),
            rule(NEIGHBOURS, ACCEPT),
            ...FAMILIES.map(family => rule(fromSet(family, nameOf(family)), ACCEPT)),
            RESET,
            REJECT,
          ],
        },
      ],
      [
        'input',
        {
          hook: { hook: 'input', priority: 0, policy: 'accept' },
          rules: [rule(linkOf('iifname', INTERNAL), jump(CHAIN))],
        },
      ],
    ],
  }
}

function elementOf(family: Family, text: string): [string, Element][] {
  const address = parseAddress(text)
  if (address?.family !== family) return []
  return [[formatAddress(address), { encode: () => ({ key: addressBytes(address) }) }]]
}
