import type { Facts } from '../../../diagnostics/index.ts'
import type { Flag, InstructionBase } from './instruction.ts'
import type { LogicalLine } from './lex.ts'

/** What is wrong with an instruction; the parser adds its place. */
export interface Problem {
  readonly code: string
  readonly summary: string
  readonly hint?: string
  readonly facts?: Facts
}

/** What a parser of one instruction gets. */
export interface ParseInput {
  readonly base: InstructionBase
  readonly line: LogicalLine
  readonly flags: readonly Flag[]
  /** Arguments behind the flags. */
  readonly rest: string
  readonly escapeChar: string
}

/** A problem, with or without a hint. */
export function problem(code: string, summary: string, hint?: string, facts?: Facts): Problem {
  return { code, summary, ...(hint === undefined ? {} : { hint }), ...(facts === undefined ? {} : { facts }) }
}

/** Flags of an instruction: `text` wants a value, `switch` is true or false, `list` may be given more than once. */
export type FlagKinds = Readonly<Record<string, 'text' | 'switch' | 'list'>>

/**
 * Takes the `--name=value` words off the front of an instruction's arguments; `--` alone ends them. Quotes group and go, a
 * backslash takes the meaning of what follows it, whatever the escape character is.
 */
export function takeFlags(text: string): { readonly flags: readonly Flag[]; readonly rest: string } {
  const flags: Flag[] = []
  let rest = text
  while (rest.startsWith('--')) {
    const { word, length } = flagWord(rest)
    rest = rest.slice(length).trimStart()
    if (word === '--') break
    const equals = word.indexOf('=')
    flags.push(
      equals === -1
        ? { name: word.slice(2) }
        : { name: word.slice(2, equals), value: word.slice(equals + 1) },
    )
  }
  return { flags, rest }
}

function flagWord(text: string): { readonly word: string; readonly length: number } {
  let word = ''
  let quote = ''
  let at = 0
  for (; at < text.length; at += 1) {
    const char = text.charAt(at)
    if (quote === '' && /\s/.test(char)) break
    if (char === quote) quote = ''
    else if (quote === '' && (char === '"' || char === "'")) quote = char
    else if (char === '\\') {
      at += 1
      word += text.charAt(at)
    } else word += char
  }
  return { word, length: at }
}

/** The first flag that the instruction does not have, has twice, or that has a wrong value. */
export function wrongFlag(keyword: string, flags: readonly Flag[], known: FlagKinds): Problem | undefined {
  const seen = new Set<string>()
  for (const { name, value } of flags) {
    const kind = Object.hasOwn(known, name) ? known[name] : undefined
    if (kind === undefined) return unknownFlag(keyword, name, Object.keys(known))
    if (seen.has(name) && kind !== 'list')
      return problem('DOCKERFILE_FLAG', `${keyword} flag "--${name}" is given twice`)
    seen.add(name)
    if (kind === 'switch' ? !isSwitch(value) : value === undefined)
      return problem(
        'DOCKERFILE_FLAG',
        kind === 'switch'
          ? `got --${name}=${value}, want true or false`
          : `${keyword} flag "--${name}" has no value`,
      )
  }
  return undefined
}

function isSwitch(value: string | undefined): boolean {
  return value === undefined || /^(?:true|false)$/i.test(value)
}

function unknownFlag(keyword: string, name: string, known: readonly string[]): Problem {
  const hint =
    known.length === 0
      ? `${keyword} has no flags`
      : `${keyword} has ${known.map(flag => `--${flag}`).join(' ')}`
  return problem('DOCKERFILE_FLAG', `${keyword} flag "--${name}" is unknown`, hint)
}

/** The value of a flag that is given at most once; an empty one says nothing. */
export function flagText<K extends string>(flags: readonly Flag[], name: K): Partial<Record<K, string>> {
  const value = flags.find(flag => flag.name === name)?.value
  return value === undefined || value === '' ? {} : ({ [name]: value } as Partial<Record<K, string>>)
}

/** Whether a switch is on. */
export function flagIsOn(flags: readonly Flag[], name: string): boolean {
  const flag = flags.find(each => each.name === name)
  return flag !== undefined && flag.value?.toLowerCase() !== 'false'
}

/** All values of a flag that may be repeated. */
export function flagList(flags: readonly Flag[], name: string): readonly string[] {
  return flags.flatMap(flag => (flag.name === name ? (flag.value ?? []) : []))
}
