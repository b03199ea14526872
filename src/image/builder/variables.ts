import type { Range } from '../../diagnostics/index.ts'
import { type Platforms, platformArgs } from '../defaults.ts'
import { ExpansionError, expandWord, expandWords } from './dockerfile/expand.ts'
import type { Assignment } from './dockerfile/instruction.ts'
import { failureAt } from './place.ts'

/** Expands words at one place of the Dockerfile. */
export interface WordExpander {
  word(text: string): string
  words(texts: readonly string[]): string[]
  /** The content of a heredoc: quotes stay. */
  raw(text: string): string
}

/** An expander that reads variables by `lookup` and turns its failures into ones with a place. */
export function expanderAt(
  range: Range,
  escapeChar: string,
  lookup: (name: string) => string | undefined,
): WordExpander {
  const guard = <T>(work: () => T): T => {
    try {
      return work()
    } catch (error) {
      if (!(error instanceof ExpansionError)) throw error
      throw failureAt(range, { code: 'DOCKERFILE_EXPANSION', summary: error.message }, error)
    }
  }
  return {
    word: text => guard(() => expandWord(text, { lookup, escapeChar })),
    words: texts => guard(() => expandWords(texts, { lookup, escapeChar })),
    raw: text => guard(() => expandWord(text, { lookup, escapeChar, raw: true })),
  }
}

/** Where the value of an ARG comes from, first of all the build's own arguments. */
export interface ArgSources {
  readonly given: Readonly<Record<string, string>>
  /** ARGs before the first FROM; empty for those themselves. */
  readonly globals: ReadonlyMap<string, string | undefined>
  readonly platforms: Platforms
}

/** Value of a declared ARG, undefined when it has none. */
export function argValue(
  { name, value }: Assignment,
  sources: ArgSources,
  expander: WordExpander,
): string | undefined {
  if (Object.hasOwn(sources.given, name)) return sources.given[name]
  if (value !== undefined) return expander.word(value)
  return sources.globals.get(name) ?? platformArgs(sources.platforms).get(name)
}
