import { posix } from 'node:path'
import { failure } from '../diagnostics/index.ts'
import { goPatternSource } from './go-pattern.ts'

/** What the rules of a `.dockerignore` say; paths are relative to the context. */
export interface IgnoreRules {
  readonly isIgnored: (path: string) => boolean
  /** Whether something beneath a folder that is ignored may be wanted after all, by a rule with `!`. */
  readonly mayKeepIn: (folder: string) => boolean
}

interface Rule {
  readonly keeps: boolean
  readonly parts: readonly string[]
  /** Matches the path itself and all beneath it. */
  readonly expression: RegExp
}

/**
 * Reads a `.dockerignore` by the rules of Docker: the last rule that matches decides, a rule that matches a folder holds for
 * all in it, case counts. No text hides nothing. Raises DOCKERIGNORE_INVALID.
 */
export function ignoreRules(text = ''): IgnoreRules {
  const rules = linesOf(text).flatMap((line, index) => parseRule(line, index + 1))
  const keeping = rules.filter(rule => rule.keeps)
  return {
    isIgnored: path => path !== '' && rules.findLast(rule => rule.expression.test(path))?.keeps === false,
    mayKeepIn: folder => keeping.some(({ parts }) => mayMatchBelow(parts, folder.split('/'))),
  }
}

/** The rules of a `.dockerignore` as its patterns, cleaned: for whoever applies them by the rules of Docker. Raises DOCKERIGNORE_INVALID. */
export function ignorePatterns(text: string): readonly string[] {
  return linesOf(text)
    .flatMap((line, index) => cleanRule(line, index + 1))
    .map(({ keeps, pattern }) => (keeps ? `!${pattern}` : pattern))
}

function linesOf(text: string): readonly string[] {
  return text.replace(/^\ufeff/, '').split('\n')
}

function cleanRule(line: string, number: number): readonly { keeps: boolean; pattern: string }[] {
  const text = line.trim()
  // Only a line that begins with it is a comment: a space before makes it a name.
  if (text === '' || line.startsWith('#')) return []
  const keeps = text.startsWith('!')
  const written = keeps ? text.slice(1).trim() : text
  if (written === '') throw invalid(number, '"!" keeps nothing')
  const pattern = posix
    .normalize(written)
    .replace(/(?<=.)\/$/, '')
    .replace(/^\/(?=.)/, '')
  return [{ keeps, pattern }]
}

function parseRule(line: string, number: number): readonly Rule[] {
  return cleanRule(line, number).map(({ keeps, pattern }) => {
    try {
      const expression = new RegExp(`^${goPatternSource(pattern)}(?:/.*)?$`, 'su')
      return { keeps, parts: pattern.split('/'), expression }
    } catch (error) {
      throw invalid(number, `"${pattern}" is no pattern`, error)
    }
  })
}

/** Whether a pattern can match beneath a folder: each of its parts may be the folder's of that depth. */
function mayMatchBelow(parts: readonly string[], folder: readonly string[]): boolean {
  for (const [index, name] of folder.entries()) {
    const part = parts[index]
    // Patterns that are shorter match the folder itself or one above, and with it all beneath.
    if (part === undefined || part.includes('**')) return true
    if (!/[*?[\\]/.test(part) && part !== name) return false
  }
  return true
}

function invalid(line: number, what: string, cause?: unknown): Error {
  return failure({
    code: 'DOCKERIGNORE_INVALID',
    kind: 'invalidArgument',
    summary: `line ${line} of .dockerignore: ${what}`,
    ...(cause === undefined ? {} : { cause }),
  })
}
