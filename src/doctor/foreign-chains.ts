import type { KernelTable } from './tables.ts'

/** Chains of others that drop, as `TABLE CHAIN`. */
export interface ForeignChains {
  /** The engine puts rules of its own into these (src/network/firewall). */
  readonly opened: readonly string[]
  /** These take no rules but from the program that has made them. */
  readonly forward: readonly string[]
  readonly input: readonly string[]
}

/** Firewalld's policies accept, and a last rule rejects. */
const REJECTING = /^inet firewalld filter_(FORWARD|INPUT)$/

/** Looks through all tables but those of engines. */
export function foreignChains(tables: readonly KernelTable[]): ForeignChains {
  const dropping = tables
    .filter(({ family, name }) => !(family === 'inet' && name.startsWith('tscompose')))
    .flatMap(({ family, name: table, isOwned, chains }) =>
      chains.map(({ name, hook, policy }) => ({
        name: `${family} ${table} ${name}`,
        hook,
        policy,
        isOwned,
      })),
    )
    .filter(({ name, policy }) => policy === 'drop' || REJECTING.test(name))
  const at = (hook: 'forward' | 'input', isOwned?: boolean): string[] =>
    dropping
      .filter(each => each.hook === hook && (isOwned ?? each.isOwned) === each.isOwned)
      .map(({ name }) => name)
  return { opened: at('forward', false), forward: at('forward', true), input: at('input') }
}
