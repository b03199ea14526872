import { isFloatForm, resolvePlain, type ScalarValue } from '../../../notation/yaml/scalar.ts'
import type { ScalarNode } from '../../tree/node.ts'
import type { Source, Span } from '../../tree/source.ts'
import { readBlockScalar } from './block-scalar.ts'
import {
  BACKSLASH,
  CARRIAGE_RETURN,
  COLON,
  DASH,
  DOUBLE_QUOTE,
  HASH,
  isBlank,
  isFlowIndicator,
  NEWLINE,
  SINGLE_QUOTE,
  SPACE,
  startsPlain,
  TAB,
} from './codes.ts'

/** The text holds something that is left to the YAML library. */
export class OutsideSubset extends Error {}

/** Stops reading: what stands here is not in the subset. */
export function outside(): never {
  throw new OutsideSubset()
}

/** A scalar as it is written. */
export interface ScannedScalar extends ScalarNode {
  readonly span: Span
}

/** A text and the place in it: what lines, scalars and names are. */
export class Scanner {
  protected readonly source: Source
  protected readonly text: string
  /** The offset of what is read next. */
  protected at = 0
  /** The column of what is read next where that is the first of its line; -1 at the end of the text. */
  protected column = 0
  /** The end of the last token. */
  protected end = 0

  constructor(source: Source) {
    this.source = source
    this.text = source.text
  }

  /** The character at the place, or some characters on. */
  protected code(ahead = 0): number {
    return this.text.charCodeAt(this.at + ahead)
  }

  protected skipSpaces(): void {
    while (this.text.charCodeAt(this.at) === SPACE) this.at += 1
  }

  /** True where nothing but a comment is left of the line. */
  protected atLineEnd(): boolean {
    const code = this.code()
    if (code === HASH) return this.at === 0 || isBlank(this.code(-1))
    if (code === CARRIAGE_RETURN) return this.code(1) === NEWLINE
    return code === NEWLINE || Number.isNaN(code)
  }

  /** From behind a value to the content of a later line, over blank lines and comments. */
  protected nextLine(): void {
    this.skipSpaces()
    if (!this.atLineEnd()) outside()
    this.#skipLine()
    this.#toContent()
  }

  /** True at the `-` of a list's item. */
  protected atDash(): boolean {
    return this.code() === DASH && isBlank(this.code(1))
  }

  /** A scalar in one line, plain or quoted, with the blanks behind it. */
  protected scalar(inFlow: boolean): ScannedScalar {
    const code = this.code()
    const scalar = code === DOUBLE_QUOTE || code === SINGLE_QUOTE ? this.#quoted(code) : this.#plain(inFlow)
    this.skipSpaces()
    return scalar
  }

  /** A literal or folded scalar in a collection at this column, with the way to the content of a later line. */
  protected blockScalar(parent: number): ScannedScalar {
    const start = this.at
    const { value, end } = readBlockScalar(this.text, start, parent) ?? outside()
    this.at = end
    this.#toContent()
    return this.made(value, start, end)
  }

  /** A scalar from its value and place. */
  protected made(value: ScalarValue, start: number, end: number): ScannedScalar {
    this.end = end
    return { kind: 'scalar', value, span: { source: this.source, start, end } }
  }

  /** The name of an anchor or alias, behind its `&` or `*`, with the blanks behind it. */
  protected name(): string {
    const pattern = /[\w-]+/y
    pattern.lastIndex = this.at + 1
    const name = pattern.exec(this.text)?.[0] ?? outside()
    this.at += 1 + name.length
    this.end = this.at
    if (!isBlank(this.code()) && !isFlowIndicator(this.code())) outside()
    this.skipSpaces()
    return name
  }

  #plain(inFlow: boolean): ScannedScalar {
    const { text, at: start } = this
    if (!startsPlain(this.code(), this.code(1))) outside()
    let end = start
    for (let at = start; ; at += 1) {
      const code = text.charCodeAt(at)
      if (code === SPACE) continue
      if (code === NEWLINE || Number.isNaN(code)) break
      if (code === COLON && this.#endsKey(at + 1, inFlow)) break
      // A blank stands before.
      if (code === HASH && end < at) break
      if (inFlow && isFlowIndicator(code)) break
      if (code === CARRIAGE_RETURN && text.charCodeAt(at + 1) === NEWLINE) break
      if (code === TAB || code === CARRIAGE_RETURN) outside()
      end = at + 1
    }
    this.at = end
    const written = text.slice(start, end)
    const scalar = this.made(resolvePlain(written), start, end)
    return typeof scalar.value === 'number' && isFloatForm(written) ? { ...scalar, float: true } : scalar
  }

  /** True where a colon before this place is an indicator. */
  #endsKey(next: number, inFlow: boolean): boolean {
    const code = this.text.charCodeAt(next)
    return isBlank(code) || (inFlow && isFlowIndicator(code))
  }

  #quoted(quote: number): ScannedScalar {
    const { text, at: start } = this
    let at = start + 1
    let plain = true
    for (; ; at += 1) {
      const code = text.charCodeAt(at)
      if (code === quote) {
        if (quote === DOUBLE_QUOTE || text.charCodeAt(at + 1) !== quote) break
        plain = false
        at += 1
      } else if (code === NEWLINE || code === CARRIAGE_RETURN || Number.isNaN(code)) outside()
      else if (code === BACKSLASH && quote === DOUBLE_QUOTE) {
        plain = false
        at += 1
      }
    }
    this.at = at + 1
    const inner = text.slice(start + 1, at)
    if (plain) return this.made(inner, start, this.at)
    const value = quote === SINGLE_QUOTE ? inner.replaceAll("''", "'") : decodeEscapes(inner)
    return this.made(value, start, this.at)
  }

  #skipLine(): void {
    const end = this.text.indexOf('\n', this.at)
    this.at = end < 0 ? this.text.length : end + 1
  }

  /** From the start of a line to the next content, over blank lines and comments. */
  #toContent(): void {
    for (;;) {
      const start = this.at
      this.skipSpaces()
      this.column = this.at < this.text.length ? this.at - start : -1
      if (this.column < 0 || !this.atLineEnd()) break
      this.#skipLine()
    }
    if (this.column === 0 && this.#atMarker()) outside()
  }

  /** At `---` or `...`. */
  #atMarker(): boolean {
    return this.text.startsWith('---', this.at) || this.text.startsWith('...', this.at)
  }
}

/** The escapes that YAML shares with JSON. */
function decodeEscapes(inner: string): string {
  try {
    return JSON.parse(`"${inner}"`)
  } catch (error) {
    if (error instanceof SyntaxError) return outside()
    throw error
  }
}
