import {
  type ChainPlace,
  newBaseChain,
  newChain,
  newElements,
  newRule,
  newSet,
  newTable,
  nftBatch,
  removeChain,
  removeElements,
  removeRules,
  removeTable,
  type SetPlace,
} from '../netlink/index.ts'
import type { Chain, Element, NamedSet, Table } from './table.ts'

const FAMILY = 'inet'
const NO_CHAINS: Table['chains'] = new Map()

/** The transaction that makes the table anew, whatever the kernel has of its name. */
export function replaceTable(table: Table): Buffer {
  return nftBatch(...removal(table.name), ...creation(table))
}

/** The transaction that removes the table, whether the kernel has it or not. */
export function dropTable(name: string): Buffer {
  return nftBatch(...removal(name))
}

/**
 * The transaction that turns one state of a table, which the kernel has, into another: elements, chains and rules that differ, and
 * nothing else. `undefined` where nothing does; `replace` where a change is not made so: of sets, hooks or the table's comment.
 */
export function changeTable(before: Table, after: Table): Buffer | 'replace' | undefined {
  if (!haveSameFrame(before, after)) return 'replace'
  const { name } = after
  const gone = [...before.chains.keys()].filter(chain => !after.chains.has(chain))
  const changed = [...after.chains].filter(
    ([place, chain]) => !haveSameRules(before.chains.get(place), chain),
  )
  const messages = [
    ...newChains(name, after.chains, before.chains),
    ...[...after.sets].flatMap(([set, wanted]) => changeElements(name, set, before.sets.get(set), wanted)),
    ...changed.flatMap(([chain, { rules }]) => [
      ...(before.chains.has(chain) ? [removeRules(placeOf(name, chain))] : []),
      ...rules.map(each => newRule(placeOf(name, chain), each.encode())),
    ]),
    // What they lead to is let go of before any of them is removed.
    ...gone.map(chain => removeRules(placeOf(name, chain))),
    ...gone.map(chain => removeChain(placeOf(name, chain))),
  ]
  return messages.length === 0 ? undefined : nftBatch(...messages)
}

function removal(name: string): Buffer[] {
  return [newTable(FAMILY, name), removeTable(FAMILY, name)]
}

function creation({ name, comment, sets, chains }: Table): Buffer[] {
  return [
    newTable(FAMILY, name, comment),
    ...newChains(name, chains, NO_CHAINS),
    ...[...sets].map(([set, { key, value }], index) =>
      newSet(setPlace(name, set, { key, ...(value && { value }) }), index + 1),
    ),
    ...[...sets].flatMap(([set, wanted]) => changeElements(name, set, undefined, wanted)),
    ...[...chains].flatMap(([chain, { rules }]) =>
      rules.map(each => newRule(placeOf(name, chain), each.encode())),
    ),
  ]
}

function newChains(table: string, chains: Table['chains'], before: Table['chains']): Buffer[] {
  return [...chains].flatMap(([name, { hook, comment }]) => {
    if (before.has(name)) return []
    const place = placeOf(table, name)
    return [hook === undefined ? newChain(place, comment) : newBaseChain({ ...place, ...hook }, comment)]
  })
}

/** Elements that go are removed first: one that leads elsewhere now has the same key. */
function changeElements(
  table: string,
  name: string,
  before: NamedSet | undefined,
  { key, value, elements }: NamedSet,
): Buffer[] {
  const place = setPlace(table, name, { key, ...(value && { value }) })
  const old = before?.elements
  const isSame = (one: Element, other: Element | undefined): boolean =>
    one === other || (one.value === other?.value && one.comment === other?.comment && other !== undefined)
  const gone = old === undefined ? [] : [...old].filter(([words, each]) => !isSame(each, elements.get(words)))
  const come = [...elements].filter(([words, each]) => !isSame(each, old?.get(words)))
  return [
    ...removeElements(
      place,
      gone.map(([, element]) => element.encode().key),
    ),
    ...newElements(
      place,
      come.map(([, { encode, comment }]) => ({ ...encode(), ...(comment === undefined ? {} : { comment }) })),
    ),
  ]
}

/** What is never changed in place: the sets' types, where packets come in, comments. */
function haveSameFrame(before: Table, after: Table): boolean {
  const hooks = ({ chains }: Table): string[] =>
    [...chains].flatMap(([name, { hook }]) => (hook === undefined ? [] : [`${name} ${JSON.stringify(hook)}`]))
  const types = ({ sets }: Table): string[] =>
    [...sets].map(([name, { key, value }]) => JSON.stringify([name, key, value]))
  const comments = [...after.chains].every(([name, chain]) => {
    const old = before.chains.get(name)
    return old === undefined || old === chain || old.comment === chain.comment
  })
  return (
    comments &&
    before.name === after.name &&
    before.comment === after.comment &&
    hooks(before).join() === hooks(after).join() &&
    types(before).join() === types(after).join()
  )
}

function haveSameRules(before: Chain | undefined, after: Chain): boolean {
  return (
    before === after ||
    (before !== undefined &&
      before.rules.length === after.rules.length &&
      after.rules.every(({ text }, index) => text === before.rules[index]?.text))
  )
}

function placeOf(table: string, name: string): ChainPlace {
  return { family: FAMILY, table, name }
}

function setPlace(table: string, name: string, types: Pick<SetPlace, 'key' | 'value'>): SetPlace {
  return { family: FAMILY, table, name, ...types }
}
