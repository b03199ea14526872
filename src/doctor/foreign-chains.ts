import { isFirewalld } from '../network/firewall/firewalld-table.ts'
import { dropsRest } from '../network/netlink/index.ts'
import type { KernelTable } from './tables.ts'

/** Chains of others that drop, as `TABLE CHAIN`. */
export interface ForeignChains {
  /** The engine puts rules of its own into these (src/network/firewall). */
  readonly opened: readonly string[]
  /** These take no rules but from the program that has made them. */
  readonly forward: readonly string[]
  readonly input: readonly string[]
  /** Such of firewalld, which is asked by its own program. */
  readonly asked: readonly string[]
}

/** Looks through all tables but those of engines. */
export function foreignChains(tables: readonly KernelTable[], isFirewalldAsked: boolean): ForeignChains {
  const dropping = tables
    .filter(({ family, name }) => !(family === 'inet' && name.startsWith('tscompose')))
    .flatMap(({ family, name: table, isOwned, chains, rules }) =>
      chains
        .filter(chain => dropsRest(chain, rules))
        .map(({ name, hook }) => ({
          name: `${family} ${table} ${name}`,
          hook,
          isOwned,
          isAsked: isOwned && isFirewalldAsked && isFirewalld({ family, table }),
        })),
    )
  const closed = (hook: 'forward' | 'input'): string[] =>
    dropping.filter(each => each.hook === hook && each.isOwned && !each.isAsked).map(({ name }) => name)
  return {
    opened: dropping
      .filter(({ hook, isOwned }) => !isOwned && (hook === 'forward' || hook === 'input'))
      .map(({ name }) => name),
    forward: closed('forward'),
    input: closed('input'),
    asked: dropping.filter(({ isAsked }) => isAsked).map(({ name }) => name),
  }
}
