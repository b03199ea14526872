import type { ListedChain, ListedRule } from '../netlink/index.ts'
import type { OpenPorts } from './rule-words.ts'

/** The zone that lets through what its links send (firewalld.zone(5)). */
export const TRUSTED = 'trusted'
/** All links that we name, in firewalld's words. */
export const OUR_LINKS = 'tsc-+'

/** What firewalld's table says, in the kernel: it is read there, since to ask its own program takes half a second. */
export interface FirewalldSight {
  /** Zones by the links that are bound to them, as firewalld names these: `eth0`, `tsc-+`. */
  readonly bound: ReadonlyMap<string, string>
  /** Ports of the host that are open to whoever is in no zone. */
  readonly opened: readonly OpenPorts[]
  /** Whether what no zone says anything of is refused on its way through the host, or into it. */
  readonly isClosed: Readonly<Record<'forward' | 'input', boolean>>
}

/** Whether a chain is firewalld's. */
export function isFirewalld({ family, table }: Pick<ListedChain, 'family' | 'table'>): boolean {
  return family === 'inet' && table === 'firewalld'
}

/** What the rules of the table say of zones. */
export function zonesIn(
  rules: readonly Pick<ListedRule, 'chain' | 'words'>[],
): Pick<FirewalldSight, 'bound' | 'opened'> {
  const bound = new Map<string, string>()
  let zone: string | undefined
  for (const { words } of rules.filter(each => each.chain.startsWith(DISPATCH))) {
    const [, link, name] = TO_ZONE.exec(words) ?? []
    if (name === undefined) continue
    if (link === undefined) zone = name
    else bound.set(link.replace(/\*$/, '+'), name)
  }
  return { bound, opened: zone === undefined ? [] : openedBy(rules, `filter_IN_${zone}_allow`) }
}

/** Where what comes in to the host is led to the chains of zones: by link, and last that of all others. */
const DISPATCH = 'filter_INPUT_'
const TO_ZONE = /^(?:iifname "([^"]+)" )?(?:jump|goto) filter_IN_(?!policy_)(\S+)$/

/** The zone that a link is in by what is bound; undefined where it is in none. */
export function zoneOf({ bound }: Pick<FirewalldSight, 'bound'>, link: string): string | undefined {
  return bound.get(link) ?? [...bound].find(([name]) => covers(name, link))?.[1]
}

/** Whether a link, or all of `tsc-+`, is among those that a name of firewalld's stands for. */
export function covers(name: string, link: string): boolean {
  return name === link || (name.endsWith('+') && link.startsWith(name.slice(0, -1)))
}

/** Ports of a transport protocol, for all who come: `l4proto 0x06 @2,2,2 0x0016 accept`. Rules that ask for more are not read. */
const OPENED =
  /^(?:nfproto 0x(02|0a) )?l4proto 0x(06|11) @2,2,2 (?:0x(\w{4})|range 0x(\w{4}) 0x(\w{4})|cmp5 0x(\w{4}) @2,2,2 cmp3 0x(\w{4}))(?: counter)? accept$/

function openedBy(rules: readonly Pick<ListedRule, 'chain' | 'words'>[], chain: string): OpenPorts[] {
  return rules
    .filter(each => each.chain === chain)
    .flatMap(({ words }) => {
      const [, family, number, ...ports] = OPENED.exec(words) ?? []
      const [first, last = first] = ports
        .filter(each => each !== undefined)
        .map(each => Number.parseInt(each, 16))
      if (number === undefined || first === undefined || last === undefined) return []
      const range = {
        protocol: number === '06' ? 'tcp' : 'udp',
        number: Number.parseInt(number, 16),
        first,
        last,
      }
      return ([4, 6] as const)
        .filter(each => family === undefined || (each === 4) === (family === '02'))
        .map(each => ({ ...range, family: each }))
    })
}

/** What `firewall-cmd` is asked of our zone. */
export function inZone(
  option: '--add-interface' | '--remove-interface' | '--query-interface',
  names: readonly string[],
): string[] {
  return [`--zone=${TRUSTED}`, ...names.map(name => `${option}=${name}`)]
}
