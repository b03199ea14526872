import { Lexer, type YAMLError } from 'yaml'
import type { Reporter } from '../reporter.ts'
import type { Source } from '../tree/source.ts'

/** What a syntax error comes down to, in our words and at the line that must be changed. */
interface Cause {
  readonly summary: string
  readonly start: number
  readonly end: number
  readonly hint?: string
}

/** Reports the first cause of a document's syntax errors: the others follow from it. */
export function reportSyntax(errors: readonly YAMLError[], source: Source, reporter: Reporter): void {
  const cause = causeOf(errors, source.text)
  if (cause === undefined) return
  const start = Math.min(cause.start, source.text.length)
  reporter.error('YAML_SYNTAX', cause.summary, {
    span: { source, start, end: Math.max(cause.end, start + 1) },
    hint: cause.hint,
  })
}

function causeOf(errors: readonly YAMLError[], text: string): Cause | undefined {
  const [first] = errors
  if (first === undefined) return undefined
  const [start, end] = first.pos
  switch (first.code) {
    case 'TAB_AS_INDENT':
      return tab(start, end)
    case 'BAD_SCALAR_START':
      return { summary: `quote the value: it must not start with ${text[start] ?? ''}`, start, end }
    case 'BLOCK_AS_IMPLICIT_KEY':
      return oddOneOut(misplaced(errors, text, start, end), text)
    case 'MULTILINE_IMPLICIT_KEY':
      return missingColon(text, start)
    case 'MISSING_CHAR':
      return first.message.includes('quote') ? openQuote(text, start) : missingChar(first, text)
    case 'BAD_INDENT':
      if (text[start] === '\t') return tab(start, end)
      return oddOneOut(badIndent(first, text), text)
    default:
      return { summary: first.message, start, end }
  }
}

function tab(start: number, end: number): Cause {
  const hint = 'YAML allows no tab there: each editor shows it at another width'
  return { summary: 'indent with spaces, got a tab', start, end, hint }
}

/** A block where a key was read: a line that is indented unlike its siblings, or a `: ` inside a value. */
function misplaced(errors: readonly YAMLError[], text: string, start: number, end: number): Cause {
  const other = errors.find(error => error.code === 'MULTILINE_IMPLICIT_KEY')
  if (other === undefined)
    return {
      summary: 'quote the value: it contains ": "',
      start,
      end,
      hint: 'or start a new line for the second key',
    }
  const [from, to] = other.pos
  if (text[from] === '-') return { summary: 'align this list item with its siblings', start: from, end: to }
  const newline = text.lastIndexOf('\n', to - 1)
  const at = newline < from ? from : newline + 1 + indentOf(text, newline + 1)
  return { summary: 'align this line with its siblings: it is indented deeper', start: at, end: to }
}

function missingColon(text: string, start: number): Cause {
  const lineEnd = text.indexOf('\n', start)
  const end = lineEnd < 0 ? text.length : lineEnd
  const word = text.slice(start, end).trim()
  const [key, ...rest] = word.split(/\s+/)
  const wanted = rest.length > 0 ? `${key}: ${rest.join(' ')}` : `${key}:`
  return { summary: `add a colon after the key, got "${word}"`, start, end, hint: `write \`${wanted}\`` }
}

function missingChar(error: YAMLError, text: string): Cause {
  const [start, end] = error.pos
  if (error.message.includes('implicit map keys')) return missingColon(text, start)
  return { summary: 'close what is open here, or add the missing separator', start, end, hint: error.message }
}

/** The library names the end of the file; the quote that was opened is what must be looked at. */
function openQuote(text: string, fallback: number): Cause {
  let offset = 0
  let open: number | undefined
  for (const lexeme of new Lexer().lex(text)) {
    const quote = lexeme[0]
    const isOpen = (quote === '"' || quote === "'") && (lexeme.length < 2 || !lexeme.endsWith(quote))
    if (isOpen) open = offset
    // Control characters are marks of the lexer and stand for no text.
    if (!/^[\x02\x18\x1f]$/.test(lexeme)) offset += lexeme.length
  }
  const start = open ?? fallback
  return { summary: 'close the quote that is opened here', start, end: start + 1 }
}

function badIndent(error: YAMLError, text: string): Cause {
  const [start, end] = error.pos
  const flow = /^Flow (?:sequence|map)/.test(error.message)
  if (!flow) {
    const at = start + indentOf(text, start)
    return { summary: 'align this line with its siblings', start: at, end: Math.max(end, at + 1) }
  }
  const bracket = error.message.includes('sequence') ? '[' : '{'
  const open = text.lastIndexOf(bracket, start - 1)
  const at = open < 0 ? start : open
  return { summary: `close the ${bracket} that is opened here`, start: at, end: at + 1 }
}

/**
 * A line that slipped is seen by the parser only when a later one does not fit. In a file that indents by two, the
 * line with an odd indentation is the one to change, wherever the parser stumbled.
 */
function oddOneOut(cause: Cause, text: string): Cause {
  if (!cause.summary.startsWith('align')) return cause
  const odd: { start: number; end: number }[] = []
  let lines = 0
  let start = 0
  for (const line of text.split('\n')) {
    const indent = indentOf(line, 0)
    const isContent = indent < line.length && line[indent] !== '#'
    if (isContent && indent > 0) lines += 1
    if (isContent && indent % 2 === 1) odd.push({ start: start + indent, end: start + line.length })
    start += line.length + 1
  }
  const [only, second] = odd
  if (only === undefined || second !== undefined || lines < 3) return cause
  return { ...cause, summary: 'align this line with its siblings', ...only }
}

function indentOf(text: string, from: number): number {
  return /^[ \t]*/.exec(text.slice(from, from + 1000))?.[0].length ?? 0
}
