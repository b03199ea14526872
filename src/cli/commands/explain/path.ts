import { failure } from '../../../diagnostics/index.ts'
import type { Path } from '../../../model/index.ts'

/** One part of a path as the user wrote it. */
export interface Segment {
  readonly text: string
  /** Written in brackets: it is one key or index as it stands, and not part of a longer key with dots. */
  readonly exact: boolean
}

const PLAIN = /[^.[\]]+/y
const BRACKET = /\[(?:"((?:[^"\\]|\\.)*)"|'([^']*)'|([^\]"']*))\]/y

/** Takes `web.ports[0].target` or `web.labels["a.b"]` apart; throws VALUE_PATH_INVALID. */
export function parsePath(text: string): Segment[] {
  const segments: Segment[] = []
  let at = 0
  while (at < text.length) {
    if (text[at] === '[') {
      const match = matchAt(BRACKET, text, at)
      const key = match && bracketKey(match)
      if (match === undefined || key === undefined) throw invalid(text, at)
      segments.push({ text: key, exact: true })
      at += match[0].length
      continue
    }
    if (segments.length > 0 && text[at] !== '.') throw invalid(text, at)
    const start = segments.length > 0 ? at + 1 : at
    const match = matchAt(PLAIN, text, start)
    if (match === undefined) throw invalid(text, at)
    segments.push({ text: match[0], exact: false })
    at = start + match[0].length
  }
  if (segments.length === 0) throw invalid(text, 0)
  return segments
}

/** The text of a path that `parsePath` reads again: keys with dots or brackets are quoted. */
export function pathText(path: Path): string {
  let text = ''
  for (const segment of path) {
    if (typeof segment === 'number') text += `[${segment}]`
    else if (segment === '' || /[.[\]"'\p{Cc}\u2028\u2029]/u.test(segment)) text += `[${quoted(segment)}]`
    else text += text === '' ? segment : `.${segment}`
  }
  return text
}

/** A JSON string without any control character, C1 ones included: a terminal would obey them. */
export function quoted(text: string): string {
  return escapeControls(JSON.stringify(text))
}

/** Control characters as JSON writes them. */
export function escapeControls(text: string): string {
  const code = (char: string): string => char.charCodeAt(0).toString(16).padStart(4, '0')
  return text.replace(/[\p{Cc}\u2028\u2029]/gu, char => `\\u${code(char)}`)
}

/** In double quotes it is a JSON string, in single quotes it stands as it is. */
function bracketKey([, double, single, bare]: RegExpExecArray): string | undefined {
  if (double === undefined) return single ?? (bare || undefined)
  try {
    return String(JSON.parse(`"${double}"`))
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | undefined {
  pattern.lastIndex = at
  return pattern.exec(text) ?? undefined
}

function invalid(text: string, at: number): Error {
  return failure({
    code: 'VALUE_PATH_INVALID',
    kind: 'invalidArgument',
    summary: `write SERVICE or SERVICE.KEY, got "${text}"`,
    detail: `it cannot be read from "${text.slice(at)}" on`,
    hint: 'as web.environment.DEBUG, web.ports[0] or web.labels["a.b"]',
  })
}
