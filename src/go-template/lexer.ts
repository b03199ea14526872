import { type Span, type TemplateSource, templateFailure } from './failure.ts'
import { readNumber, readQuoted } from './literals.ts'

/** `open` and `close` are `{{` and `}}`; a `field` is `.Name`, a `variable` is `$name`, both without their sign. */
export type Token = { readonly span: Span; readonly spaced: boolean } & (
  | {
      readonly kind: 'text' | 'word' | 'field' | 'variable' | 'sign' | 'open' | 'close'
      readonly text: string
    }
  | { readonly kind: 'literal'; readonly value: string | number; readonly text: string }
)

const SPACE = ' \t\r\n'
const SIGNS = [':=', '=', '|', '(', ')', ','] as const

/** Cuts a template into its tokens: text as it is printed, trim markers obeyed, comments left out. */
export function tokensOf(source: TemplateSource): Token[] {
  return new Lexer(source).run()
}

class Lexer {
  readonly #source: TemplateSource
  readonly #tokens: Token[] = []
  #at = 0

  constructor(source: TemplateSource) {
    this.#source = source
  }

  run(): Token[] {
    const { text, from = 0 } = this.#source
    this.#at = from
    let trims = false
    while (this.#at < text.length) {
      const open = text.indexOf('{{', this.#at)
      const end = open < 0 ? text.length : open
      const trimsRight = open >= 0 && text[open + 2] === '-' && isSpace(text[open + 3])
      this.#pushText(end, trims, trimsRight)
      this.#at = end
      if (open >= 0) trims = this.#action(trimsRight)
    }
    return this.#tokens
  }

  #pushText(end: number, trimsLeft: boolean, trimsRight: boolean): void {
    let text = this.#source.text.slice(this.#at, end)
    if (this.#source.hasEscapes === true) text = text.replaceAll('\\t', '\t').replaceAll('\\n', '\n')
    if (trimsLeft) text = text.replace(/^[ \t\r\n]+/, '')
    if (trimsRight) text = text.replace(/[ \t\r\n]+$/, '')
    if (text !== '') this.#push('text', { from: this.#at, to: end }, text)
  }

  /** What stands between `{{` and `}}`; whether the text behind it is trimmed. */
  #action(trimsLeft: boolean): boolean {
    const { text } = this.#source
    const open = this.#at
    this.#at += trimsLeft ? 4 : 2
    const comment = this.#comment(open)
    if (comment !== undefined) return comment
    this.#push('open', { from: open, to: this.#at }, '{{')
    for (;;) {
      const from = this.#at
      this.#skipSpace()
      const spaced = this.#at > from
      const close = this.#close(spaced)
      if (close !== undefined) {
        this.#push('close', { from: this.#at - 2, to: this.#at }, '}}', spaced)
        return close === 'trims'
      }
      if (/["'`]/.test(text[this.#at] ?? '')) this.#quoted(spaced)
      else this.#token(spaced, open)
    }
  }

  /** A comment is all that its action has. */
  #comment(open: number): boolean | undefined {
    const { text } = this.#source
    if (!text.startsWith('/*', this.#at)) return undefined
    const end = text.indexOf('*/', this.#at)
    if (end < 0)
      throw this.#problem({ from: open, to: text.length }, 'the comment does not end', 'close it with */}}')
    this.#at = end + 2
    const from = this.#at
    this.#skipSpace()
    const close = this.#close(this.#at > from)
    if (close !== undefined) return close === 'trims'
    throw this.#problem(
      { from: this.#at, to: this.#at + 1 },
      'a comment is alone in its action',
      'write }} after */',
    )
  }

  #close(spaced: boolean): 'plain' | 'trims' | undefined {
    const { text } = this.#source
    const isTrimming = spaced && text.startsWith('-}}', this.#at)
    if (!isTrimming && !text.startsWith('}}', this.#at)) return undefined
    this.#at += isTrimming ? 3 : 2
    return isTrimming ? 'trims' : 'plain'
  }

  #token(spaced: boolean, open: number): void {
    const { text } = this.#source
    const from = this.#at
    const char = text[from]
    if (char === undefined)
      throw this.#problem({ from: open, to: text.length }, 'the action does not end', 'close it with }}')
    const rest = text.slice(from)
    const name = /^(?:\.[\p{L}_][\p{L}\p{N}_]*|\$(?:[\p{L}_][\p{L}\p{N}_]*)?|[\p{L}_][\p{L}\p{N}_]*)/u.exec(
      rest,
    )?.[0]
    if (name !== undefined) {
      const kind = char === '.' ? 'field' : char === '$' ? 'variable' : 'word'
      this.#take(kind, name.length, kind === 'word' ? name : name.slice(1), spaced)
      return
    }
    const number = readNumber(rest)
    if (number !== undefined) {
      const span = { from, to: from + number.length }
      if (Number.isNaN(number.value))
        throw this.#problem(span, `"${rest.slice(0, number.length)}" is no number`)
      this.#at = span.to
      this.#tokens.push({
        kind: 'literal',
        value: number.value,
        text: text.slice(from, span.to),
        span,
        spaced,
      })
      return
    }
    const sign = char === '.' ? '.' : SIGNS.find(each => rest.startsWith(each))
    if (sign === undefined) throw this.#problem({ from, to: from + 1 }, `"${char}" means nothing here`)
    this.#take('sign', sign.length, sign, spaced)
  }

  #quoted(spaced: boolean): void {
    const from = this.#at
    const read = readQuoted(this.#source.text, from)
    if ('problem' in read) throw this.#problem({ from, to: read.to }, read.problem)
    this.#at = read.to
    const span = { from, to: read.to }
    this.#tokens.push({
      kind: 'literal',
      value: read.value,
      text: this.#source.text.slice(from, read.to),
      span,
      spaced,
    })
  }

  #take(kind: 'word' | 'field' | 'variable' | 'sign', length: number, text: string, spaced: boolean): void {
    const span = { from: this.#at, to: this.#at + length }
    this.#at = span.to
    this.#push(kind, span, text, spaced)
  }

  #push(kind: Exclude<Token['kind'], 'literal'>, span: Span, text: string, spaced = false): void {
    this.#tokens.push({ kind, text, span, spaced })
  }

  #skipSpace(): void {
    while (isSpace(this.#source.text[this.#at])) this.#at += 1
  }

  #problem(span: Span, summary: string, hint?: string): Error {
    return templateFailure(this.#source, span, 'TEMPLATE_SYNTAX', { summary, hint })
  }
}

const isSpace = (char: string | undefined): boolean => char !== undefined && SPACE.includes(char)
