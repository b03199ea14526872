import type { Flag, InstructionBase } from './instruction.ts'
import type { LogicalLine } from './lex.ts'
import { splitWords } from './words.ts'

/** What is wrong with an instruction; the parser adds its place. */
export interface Problem {
  readonly code: string
  readonly summary: string
  readonly hint?: string
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
export function problem(code: string, summary: string, hint?: string): Problem {
  return { code, summary, ...(hint === undefined ? {} : { hint }) }
}

/** Takes the `--name=value` words off the front of an instruction's arguments; `--` alone ends them. */
export function takeFlags(
  text: string,
  escapeChar: string,
): { readonly flags: readonly Flag[]; readonly rest: string } {
  const flags: Flag[] = []
  let rest = text
  while (rest.startsWith('--')) {
    const [word = ''] = splitWords(rest, escapeChar)
    rest = rest.slice(word.length).trimStart()
    if (word === '--') break
    const equals = word.indexOf('=')
    const name = equals === -1 ? word.slice(2) : word.slice(2, equals)
    flags.push({ name: name.toLowerCase(), value: equals === -1 ? '' : word.slice(equals + 1) })
  }
  return { flags, rest }
}

/** Flags that may be given more than once. */
const REPEATED = new Set(['mount', 'exclude'])

/** The first flag that the instruction does not have, or has twice. */
export function unknownFlags(
  keyword: string,
  flags: readonly Flag[],
  known: readonly string[],
): Problem | undefined {
  const seen = new Set<string>()
  for (const { name } of flags) {
    if (!known.includes(name)) {
      const hint =
        known.length === 0
          ? `${keyword} has no flags`
          : `${keyword} has ${known.map(flag => `--${flag}`).join(' ')}`
      return problem('DOCKERFILE_FLAG', `${keyword} flag "--${name}" is unknown`, hint)
    }
    if (seen.has(name) && !REPEATED.has(name))
      return problem('DOCKERFILE_FLAG', `${keyword} flag "--${name}" is given twice`)
    seen.add(name)
  }
  return undefined
}
