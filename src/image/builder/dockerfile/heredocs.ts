import { ExpansionError, expandWord } from './expand.ts'
import { isJsonList, SPACES, splitWords } from './words.ts'

/** A `<<NAME` of an instruction. */
export interface HeredocMark {
  readonly name: string
  /** `<<-`: tabs before its lines go. */
  readonly chomp: boolean
  /** False when the name, or a part of it, is quoted. */
  readonly expand: boolean
}

const MARK = /^\d*<<(-?)\s*([^<]*)$/s
/** A mark whose name is the next word. */
const BARE_MARK = /^\d*<<$/
/** Names are read as a shell does, whatever the file's escape character is. */
const ESCAPE = '\\'
const WITH_HEREDOCS = ['RUN', 'COPY', 'ADD']

/** Whether lines behind an instruction may belong to it; those of ONBUILD are its trigger's. A JSON list has none. */
export function keepsHeredocs(keyword: string, rest: string): boolean {
  if (!rest.includes('<<')) return false
  if (keyword !== 'ONBUILD') return WITH_HEREDOCS.includes(keyword) && !isJsonList(rest)
  const [, inner = '', words = ''] = new RegExp(`^([^${SPACES}]+)[${SPACES}]*(.*)$`, 's').exec(rest) ?? []
  return WITH_HEREDOCS.includes(inner.toUpperCase()) && !isJsonList(words)
}

/** The marks of an instruction's words, in order. */
export function heredocsOf(rest: string): readonly HeredocMark[] {
  return joinMarks(splitWords(rest, ESCAPE)).flatMap(word => heredocMark(word) ?? [])
}

/** Puts `<<` and the name that stands behind white space into one word. */
export function joinMarks(words: readonly string[]): string[] {
  const joined: string[] = []
  for (const word of words) {
    const before = joined.at(-1)
    if (before !== undefined && BARE_MARK.test(before)) joined[joined.length - 1] = `${before} ${word}`
    else joined.push(word)
  }
  return joined
}

/**
 * The heredoc that a word is; undefined when it is none. Its name is read as a shell does: quotes and escapes go, and
 * variables stand for themselves.
 */
export function heredocMark(word: string): HeredocMark | undefined {
  const [, chomp, written] = MARK.exec(word) ?? []
  if (written === undefined || splitWords(written, ESCAPE).length !== 1) return undefined
  try {
    const name = expandWord(written.trimEnd(), {
      escapeChar: ESCAPE,
      lookup: () => undefined,
      plainDollars: true,
    })
    return name === ''
      ? undefined
      : { name, chomp: chomp === '-', expand: quotesIn(name) === quotesIn(written) }
  } catch (error) {
    if (error instanceof ExpansionError) return undefined
    throw error
  }
}

/** An escaped quote stays in the name; one that quotes goes. */
function quotesIn(text: string): number {
  return text.match(/["']/g)?.length ?? 0
}
