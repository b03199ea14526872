import { bitsOf, type Family } from '../ip/address.ts'
import { headerIn, type SetPlace } from '../netlink/index.ts'
import { ADDRESSES, inFamily } from './rule-words.ts'

export const EGRESS_TABLE = 'tscompose_egress'

/** By which the relay's questions to the container's own servers are told from those that others in there would ask. */
export const RELAY_MARK = 0x74_73_63

/** Addresses of one name at most: of all names, or all below one, they may be many. */
const LEARNED_MOST = 16_384

/**
 * Where no name leads, whatever it is answered with: this machine, what is on the link alone (clouds tell their machines' secrets there), groups,
 * and what clouds have for the same elsewhere. Gateways of the container's networks, which are the host, are refused besides; its other
 * addresses the monitor leaves out (native/monitor/relay-lessons.c).
 */
export const NEVER_BY_NAME: readonly string[] = [
  '0.0.0.0/8',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '100.100.100.200/32',
  '168.63.129.16/32',
  '224.0.0.0/3',
  '::/127',
  '::ffff:0:0/96',
  'fe80::/10',
  'fec0::/10',
  'fd00:ec2::/32',
  'ff00::/8',
]

/** The set of what a name, all below one or all are answered with, without the family that stands behind it. */
export function learnedSet(name: string): string {
  if (name === '*') return 'every'
  return name.startsWith('*.') ? `below.${name.slice(2)}` : `name.${name}`
}

const inFamilyOf = (name: string, family: Family): string => `${learnedSet(name)}/${family}`

/** The sets of names, each once. */
export function learnedSets(names: readonly string[]): SetPlace[] {
  return [...new Set(names)].flatMap(name =>
    ([4, 6] as const).map(
      (family): SetPlace => ({
        family: 'inet',
        table: EGRESS_TABLE,
        name: inFamilyOf(name, family),
        key: [`ipv${family}_addr`],
        passing: { most: LEARNED_MOST },
      }),
    ),
  )
}

/** Only packets to an address of the family that the name was answered with. */
export function toLearned(family: Family, name: string): Buffer[] {
  return [
    ...inFamily(family),
    ...headerIn(ADDRESSES[family].daddr, bitsOf(family) / 8, inFamilyOf(name, family)),
  ]
}
