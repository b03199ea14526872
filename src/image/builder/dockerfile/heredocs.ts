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

const MARK = /^\d*<<(-?)([^<]+)$/s
const WITH_HEREDOCS = ['RUN', 'COPY', 'ADD']

/** Whether lines behind an instruction may belong to it; those of ONBUILD are its trigger's. A JSON list has none. */
export function keepsHeredocs(keyword: string, rest: string): boolean {
  if (!rest.includes('<<')) return false
  if (keyword !== 'ONBUILD') return WITH_HEREDOCS.includes(keyword) && !isJsonList(rest)
  const [, inner = '', words = ''] = new RegExp(`^([^${SPACES}]+)[${SPACES}]*(.*)$`, 's').exec(rest) ?? []
  return WITH_HEREDOCS.includes(inner.toUpperCase()) && !isJsonList(words)
}

/** The marks of an instruction's words, in order. */
export function heredocsOf(rest: string, escapeChar: string): readonly HeredocMark[] {
  return splitWords(rest, escapeChar).flatMap(word => heredocMark(word, escapeChar) ?? [])
}

/** The heredoc that a word is; undefined when it is none. Its name is read as a shell does: quotes and escapes go. */
export function heredocMark(word: string, escapeChar: string): HeredocMark | undefined {
  const [, chomp, written] = MARK.exec(word) ?? []
  if (written === undefined || /\s/.test(written.replace(/(["']).*?\1/gs, ''))) return undefined
  try {
    const name = expandWord(written, { escapeChar, lookup: () => undefined })
    return name === '' ? undefined : { name, chomp: chomp === '-', expand: name === written }
  } catch (error) {
    if (error instanceof ExpansionError) return undefined
    throw error
  }
}
