import type { Family } from '../ip/address.ts'
import type { FirewallState } from './firewall-state.ts'
import { hostAccessOf } from './host-access.ts'
import { type Direction, partsOf, prefixOf } from './network-parts.ts'
import { publishedRanges, publishedSets } from './published-sets.ts'
import {
  ACCEPT,
  byLink,
  ESTABLISHED,
  jump,
  link,
  linkOf,
  RETURN,
  to,
  toPublished,
  toPublishedAt,
} from './rule-words.ts'
import { type Chain, commentOf, type NamedSet, type Rule, rule, type Table } from './table.ts'

/** `tscompose`, or `tscompose_<engineId>` for an engine with a root of its own. */
export function tableName(engineId: string): string {
  return engineId === '' ? 'tscompose' : `tscompose_${engineId}`
}

/** Tables of engines, whose business is their own. */
export function isEngineTable(name: string): boolean {
  return /^tscompose(_|$)/.test(name)
}

/** Where chains stand among those of others (nft(8)). */
const PRIORITY = { dstnat: -100, filter: 0, srcnat: 100 } as const

/**
 * The whole table; without networks there is none. Base chains have policy accept: what is neither from nor to one of our
 * bridges passes as if the table were not there. What depends on a network or a port is an element of a map, so that one
 * more is a message more, and a packet finds it without a look at the others.
 * `owner`, the engine's ROOT, becomes the table's comment: whoever finds it later can tell whether it is still somebody's.
 */
export function tableOf(engineId: string, state: FirewallState, owner?: string): Table | undefined {
  if (state.networks.length === 0) return undefined
  const parts = state.networks.map(partsOf)
  const verdicts = (direction: Direction): NamedSet => ({
    key: ['ifname'],
    value: 'verdict',
    elements: new Map(parts.map(({ jumps }) => jumps[direction])),
  })
  const access = hostAccessOf(state)
  return {
    name: tableName(engineId),
    ...commentOf(owner),
    sets: new Map<string, NamedSet>([
      ['links', { key: ['ifname'], elements: new Map(parts.map(({ link: element }) => element)) }],
      ['to_network', verdicts('to')],
      ['from_network', verdicts('from')],
      ['leaving', verdicts('leaving')],
      ...publishedSets(state),
      ...access.sets,
    ]),
    chains: new Map<string, Chain>([
      ...parts.flatMap(({ chains }) => chains),
      ['published', publishedChain(state)],
      ...baseChains(),
      ...access.chains,
    ]),
  }
}

/**
 * Published ports are translated, so that the container sees the client's address: of packets from other machines, and of the host's own to
 * one of its addresses that is not loopback. What containers send is left out, and so is all that goes to loopback addresses:
 * they reach the relay's listener. So no route_localnet and no hairpin rules are needed.
 */
function baseChains(): [string, Chain][] {
  base ??= [
    [
      'forward',
      {
        hook: { hook: 'forward', priority: PRIORITY.filter, policy: 'accept' },
        rules: [
          rule(ESTABLISHED, ACCEPT),
          byLink('oifname', 'to_network'),
          byLink('iifname', 'from_network'),
        ],
      },
    ],
    [
      'prerouting',
      {
        hook: { hook: 'prerouting', type: 'nat', priority: PRIORITY.dstnat, policy: 'accept' },
        rules: [
          rule(link('iifname', 'lo'), RETURN),
          rule(link('iifname', 'tsc-*'), RETURN),
          rule(linkOf('iifname', 'links'), RETURN),
          jump('published'),
        ],
      },
    ],
    [
      'output',
      {
        hook: { hook: 'output', type: 'nat', priority: PRIORITY.dstnat, policy: 'accept' },
        rules: [
          rule(to(prefixOf('127.0.0.0/8'), '127.0.0.0/8'), RETURN),
          rule(to(prefixOf('::1/128'), '::1'), RETURN),
          jump('published'),
        ],
      },
    ],
    [
      'postrouting',
      {
        hook: { hook: 'postrouting', type: 'nat', priority: PRIORITY.srcnat, policy: 'accept' },
        rules: [byLink('iifname', 'leaving')],
      },
    ],
  ]
  return base
}

/** What the maps have of single ports, and the ranges. */
function publishedChain(state: FirewallState): Chain {
  ports ??= FAMILIES.flatMap(family => [
    toPublishedAt(family, `ports${family}_at`),
    toPublished(family, `ports${family}`),
  ])
  return { rules: [...ports, ...publishedRanges(state)] }
}

const FAMILIES: readonly Family[] = [4, 6]
let ports: Rule[] | undefined
/** The same for every state. */
let base: [string, Chain][] | undefined
