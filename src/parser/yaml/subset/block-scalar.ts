import { CARRIAGE_RETURN, SPACE, TAB } from './codes.ts'

/** Style, chomping and indentation in either order, then a comment perhaps. */
const HEADER = /([|>])([-+]?)([1-9]?)([-+]?)(?: +#[^\n]*| *)(?:\r?\n|$)/y

/** What a block scalar means, and where it ends: blank lines below belong to it only where they are kept. */
interface BlockScalar {
  readonly value: string
  readonly end: number
}

/** Lines without their indentation, down to the last with text in it, and how many blank ones follow. */
interface Body {
  readonly lines: readonly string[]
  readonly end: number
  readonly blank: number
  readonly endOfBlank: number
}

/** Offsets in a line: behind its indentation, before its line break, behind that. */
interface Line {
  readonly from: number
  readonly to: number
  readonly next: number
}

/**
 * The literal or folded scalar whose indicator stands at this place, in a collection at column `parent`; undefined
 * where it is wrong or odd.
 */
export function readBlockScalar(text: string, at: number, parent: number): BlockScalar | undefined {
  HEADER.lastIndex = at
  const header = HEADER.exec(text)
  if (!header) return undefined
  const [written, style, before = '', width, after = ''] = header
  if (before && after) return undefined
  const body = readBody(text, at + written.length, parent, Number(width))
  if (!body) return undefined
  const content = style === '|' ? body.lines.join('\n') : fold(body.lines)
  return content.includes('\r') ? undefined : chomp(content, body, before || after)
}

/** `width`: the indentation indicator; 0 without one, where the first line with text shows the indentation. */
function readBody(text: string, start: number, parent: number, width: number): Body | undefined {
  const lines: string[] = []
  let indent = width > 0 ? parent + width : 0
  let filled = 0
  let end = start
  let at = start
  while (at < text.length) {
    const line = lineAt(text, at)
    if (line.from < line.to) {
      if (line.from - at < (indent || parent + 1)) break
      if (text.charCodeAt(line.from) === TAB) return undefined
      indent ||= line.from - at
      filled = lines.length + 1
      end = line.next
    } else if (line.to === text.length) return undefined
    const content = text.slice(Math.min(at + indent, line.to), line.to)
    // Blanks that may or may not be meant: the indentation is not known yet.
    if (filled === 0 && content !== '') return undefined
    lines.push(content)
    at = line.next
  }
  const blank = lines.length - filled
  if (lines.slice(filled).some(line => line !== '') || (blank > 0 && filled === 0)) return undefined
  return { lines: lines.slice(0, filled), end, blank, endOfBlank: at }
}

function lineAt(text: string, start: number): Line {
  let from = start
  while (text.charCodeAt(from) === SPACE) from += 1
  const newline = text.indexOf('\n', from)
  if (newline < 0) return { from, to: text.length, next: text.length }
  const to = newline > from && text.charCodeAt(newline - 1) === CARRIAGE_RETURN ? newline - 1 : newline
  return { from, to, next: newline + 1 }
}

/** Line breaks between lines at the indentation become a space, or only the blank lines between them. */
function fold(lines: readonly string[]): string {
  let value = ''
  let breaks = 0
  let afterText = false
  for (const line of lines) {
    if (line !== '') {
      // Lines that are indented more stay lines.
      const isText = !line.startsWith(' ')
      if (!isText || !afterText) value += '\n'.repeat(breaks)
      else value += breaks === 1 ? ' ' : '\n'.repeat(breaks - 1)
      value += line
      afterText = isText
      breaks = 0
    }
    breaks += 1
  }
  return value
}

/** `-` drops the last line break, `+` keeps the blank lines too. */
function chomp(content: string, body: Body, chomping: string): BlockScalar {
  if (body.lines.length === 0 || chomping === '-') return { value: content, end: body.end }
  if (chomping !== '+') return { value: `${content}\n`, end: body.end }
  return { value: content + '\n'.repeat(1 + body.blank), end: body.endOfBlank }
}
