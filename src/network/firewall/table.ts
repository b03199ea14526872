import type { DataType, Hook, SetElement } from '../netlink/index.ts'

/**
 * A table of nf_tables as a value. Its words are those of nft(8): they tell two rules or elements apart, and a test has
 * nft itself say that the bytes, which are made when they are sent, mean the same.
 */
export interface Table {
  /** Of the family `inet`. */
  readonly name: string
  readonly comment?: string
  readonly sets: ReadonlyMap<string, NamedSet>
  readonly chains: ReadonlyMap<string, Chain>
}

/** A set, or a map. */
export interface NamedSet {
  readonly key: readonly DataType[]
  readonly value?: readonly DataType[] | 'verdict'
  /** By the words of the key. */
  readonly elements: ReadonlyMap<string, Element>
}

/** What a set has. */
export interface Element {
  /** Of a map: the words of the value. */
  readonly value?: string
  readonly comment?: string
  readonly encode: () => Pick<SetElement, 'key' | 'value'>
}

/** Rules, and where packets come to them, unless another chain leads there. */
export interface Chain {
  readonly hook?: Hook
  readonly comment?: string
  readonly rules: readonly Rule[]
}

/** A rule, or a part of one. */
export interface Rule {
  readonly text: string
  readonly encode: () => Buffer[]
}

/** One rule of several parts: all but the last say which packets it is about. */
export function rule(...parts: readonly Rule[]): Rule {
  return {
    text: parts.map(({ text }) => text).join(' '),
    encode: () => parts.flatMap(part => part.encode()),
  }
}

/** What fits into a comment of nft's, and needs no quoting there. */
const COMMENT = /^[\w./@+: -]{1,127}$/

/** A comment, where nft can have it. */
export function commentOf(text: string | undefined): { readonly comment?: string } {
  return text !== undefined && COMMENT.test(text) ? { comment: text } : {}
}

/** The text that nft(8) would read; empty for no table. */
export function renderTable(table: Table | undefined): string {
  if (table === undefined) return ''
  return [
    `table inet ${table.name} {`,
    ...comment(table.comment),
    ...[...table.sets].flatMap(([name, set]) => renderSet(name, set)),
    ...[...table.chains].flatMap(([name, chain]) => [
      `chain ${name} {`,
      ...comment(chain.comment),
      ...(chain.hook === undefined ? [] : [renderHook(chain.hook)]),
      ...chain.rules.map(({ text }) => text),
      '}',
    ]),
    '}',
    '',
  ].join('\n')
}

function renderSet(name: string, { key, value, elements }: NamedSet): string[] {
  const type = `type ${key.join(' . ')}`
  const list = [...elements].map(
    ([words, element]) =>
      `${words}${element.comment === undefined ? '' : ` comment "${element.comment}"`}${element.value === undefined ? '' : ` : ${element.value}`}`,
  )
  const all = list.length === 0 ? [] : [`elements = { ${list.join(', ')} }`]
  if (value === undefined) return [`set ${name} {`, type, ...all, '}']
  return [`map ${name} {`, `${type} : ${value === 'verdict' ? value : value.join(' . ')}`, ...all, '}']
}

function renderHook({ hook, type = 'filter', priority, policy }: Hook): string {
  return `type ${type} hook ${hook} priority ${priority}; policy ${policy};`
}

const comment = (text: string | undefined): string[] => (text === undefined ? [] : [`comment "${text}"`])
