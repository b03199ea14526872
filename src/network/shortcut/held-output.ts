import { readIfThere } from '../../linux/atomic-file.ts'
import type { ListedChain, ListedRule } from '../netlink/index.ts'
import type { Families } from './programs.ts'

/** How deep chains that lead to each other are looked into. */
const DEPTH = 8

/**
 * Of which families others have a say in what the host's own processes send: by a drop or a reject, or by something that is not known here, as a mark for routing is. What
 * such rules say of loopback must not be passed by.
 */
export function heldOutput(
  chains: readonly ListedChain[],
  rulesOf: (chain: ListedChain) => readonly ListedRule[],
): Families {
  const held = chains
    .filter(({ hook, type }) => hook === 'output' && (type === 'filter' || type === 'route'))
    .flatMap(chain => (chain.policy === 'drop' ? [chain.family] : heldBy(chain, rulesOf(chain))))
  const has = (family: 'ip' | 'ip6'): boolean => held.includes('inet') || held.includes(family)
  return { ipv4: has('ip'), ipv6: has('ip6') }
}

/** Kinds of tables, one for each rule that decides; of a rule for one family alone that of the family. */
function heldBy(
  { family, name }: Pick<ListedChain, 'family' | 'name'>,
  rules: readonly ListedRule[],
  depth = 0,
): ListedChain['family'][] {
  if (depth > DEPTH) return [family]
  return rules
    .filter(({ chain }) => chain === name)
    .flatMap(({ words }) => {
      const [, target] = /(?:jump|goto) (\S+)$/.exec(words) ?? []
      if (target !== undefined) return heldBy({ family, name: target }, rules, depth + 1)
      if (!/(?:drop|reject|\?)$/.test(words)) return []
      return [words.startsWith(ONLY_IPV6) ? 'ip6' : family]
    })
}

/** Of which families there are rules of iptables-legacy that may have a say there: they are told to nobody but its own program. */
export async function heldByLegacy(read: typeof readIfThere = readIfThere): Promise<Families> {
  const [ipv4, ipv6] = await Promise.all(
    ['ip', 'ip6'].map(async kind =>
      /^(?:filter|mangle|raw|security)$/m.test((await read(`/proc/net/${kind}_tables_names`)) ?? ''),
    ),
  )
  return { ipv4: ipv4 === true, ipv6: ipv6 === true }
}

/** How a rule of a table for both families begins that is for one (NFPROTO_IPV6). */
const ONLY_IPV6 = 'nfproto 0x0a '
