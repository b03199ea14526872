import { ExpansionError, expandWord, expandWords } from '../expand.ts'
import type { LintInput } from './rule.ts'

/** A word's expansion, and the variables that it asked for in vain. */
export interface Expanded {
  readonly text: string
  readonly missing: readonly string[]
}

/** Expands a word by what is known; one that cannot be expanded is told by the build, not by a rule. */
export function expandKnown(
  word: string,
  escapeChar: string,
  known: ReadonlyMap<string, string>,
  raw: boolean = false,
): Expanded {
  const missing: string[] = []
  const lookup = (name: string): string | undefined => {
    if (!known.has(name)) missing.push(name)
    return known.get(name)
  }
  try {
    return { text: expandWord(word, { escapeChar, lookup, raw }), missing }
  } catch (error) {
    if (error instanceof ExpansionError) return { text: '', missing }
    throw error
  }
}

/** The words of an EXPOSE. */
export function expandPorts(
  values: readonly string[],
  escapeChar: string,
  known: ReadonlyMap<string, string>,
): readonly string[] {
  try {
    return expandWords(values, { escapeChar, lookup: name => known.get(name) })
  } catch (error) {
    if (error instanceof ExpansionError) return []
    throw error
  }
}

/** The ARGs before the first FROM, by their defaults or by what is given. */
export function globalsOf(
  { dockerfile, escapeChar, platformArgs }: LintInput,
  given: Readonly<Record<string, string>>,
): ReadonlyMap<string, string> {
  const known = new Map(platformArgs)
  for (const { assignments } of dockerfile.globals) {
    for (const { name, value = '' } of assignments)
      known.set(name, given[name] ?? expandKnown(value, escapeChar, known).text)
  }
  return known
}
