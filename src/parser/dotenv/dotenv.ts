import { evaluate, TemplateError } from '../interpolate/template.ts'
import type { Lookup } from '../scope.ts'

/** Something in a dotenv text that cannot be read. */
export interface DotenvProblem {
  /** Offset in the text. */
  readonly offset: number
  readonly message: string
  readonly unset?: string
}

/** Where a dotenv text defines a key: offsets of its statement, from the key to the end of the value. */
export interface DotenvPlace {
  readonly start: number
  readonly end: number
  /** The value as written between its quotes, where variables may be in it: not in single quotes. */
  readonly template?: string
}

/** What a dotenv text defines, in order, and what is wrong with it. */
export interface DotenvResult {
  readonly values: ReadonlyMap<string, string>
  /** By key; that of the last statement where there are several. */
  readonly places: ReadonlyMap<string, DotenvPlace>
  readonly problems: readonly DotenvProblem[]
}

/** A few lines that double each other would fill any memory. */
const MOST_INTERPOLATED = 16_000_000

const KEY = /(?:export[ \t]+)?([\p{L}\p{N}_.\-[\]]+)[ \t]*/uy

/**
 * Reads Compose's dialect of dotenv: `KEY=value`, `KEY: value`, `export`, single quotes literal, double quotes with
 * escapes and interpolation, both over several lines, comments after a blank. A key without a value takes that of
 * the environment or is skipped. Inside `${}` the environment wins over earlier keys of the file.
 */
export function parseDotenv(text: string, lookup: Lookup): DotenvResult {
  const plain = text.replace(/^\uFEFF/, '').replaceAll('\r\n', '\n')
  const result = new DotenvParser(plain, lookup).parse()
  return plain.length === text.length ? result : moveOffsets(result, text)
}

/** The format of `docker run --env-file`: every line is `KEY=value` as it stands. */
export function parseRawEnv(text: string, lookup: Lookup): DotenvResult {
  const values = new Map<string, string>()
  const places = new Map<string, DotenvPlace>()
  const problems: DotenvProblem[] = []
  let offset = text.startsWith('\uFEFF') ? 1 : 0
  for (const line of text.slice(offset).split('\n')) {
    const content = line.replace(/\r$/, '')
    const trimmed = content.trimStart()
    if (trimmed !== '' && !trimmed.startsWith('#')) {
      const at = trimmed.indexOf('=')
      const key = at < 0 ? trimmed.trim() : trimmed.slice(0, at)
      const value = at < 0 ? lookup(key) : trimmed.slice(at + 1)
      if (key === '' || /\s/.test(key))
        problems.push({ offset, message: `write KEY=value, got "${trimmed}"` })
      else if (value !== undefined) {
        values.set(key, value)
        places.set(key, { start: offset + content.length - trimmed.length, end: offset + content.length })
      }
    }
    offset += line.length + 1
  }
  return { values, places, problems }
}

/** Offsets of the text without its byte order mark and carriage returns, as those of the text itself. */
function moveOffsets(result: DotenvResult, text: string): DotenvResult {
  const origins: number[] = []
  for (let at = text.startsWith('\uFEFF') ? 1 : 0; at <= text.length; at++)
    if (!text.startsWith('\r\n', at)) origins.push(at)
  const moved = (offset: number): number => origins[offset] ?? text.length
  const places = [...result.places].map(
    ([key, place]) => [key, { ...place, start: moved(place.start), end: moved(place.end) }] as const,
  )
  const problems = result.problems.map(problem => ({ ...problem, offset: moved(problem.offset) }))
  return { ...result, places: new Map(places), problems }
}

class DotenvParser {
  readonly #text: string
  readonly #outer: Lookup
  readonly #values = new Map<string, string>()
  readonly #places = new Map<string, DotenvPlace>()
  readonly #problems: DotenvProblem[] = []
  /** Characters of all interpolated values. */
  #interpolated = 0
  /** The text of the value that was read last, before interpolation. */
  #template: string | undefined
  #at = 0

  constructor(text: string, lookup: Lookup) {
    this.#text = text
    this.#outer = lookup
  }

  parse(): DotenvResult {
    while (this.#skipBlanks()) {
      const start = this.#at
      if (!this.#statement()) {
        const line = this.#text.slice(start, this.#lineEnd())
        this.#problems.push({ offset: this.#at, message: `write KEY=value, got "${line}"` })
        this.#at = this.#lineEnd()
      }
    }
    return { values: this.#values, places: this.#places, problems: this.#problems }
  }

  /** Skips white space and comments; false at the end. */
  #skipBlanks(): boolean {
    while (this.#at < this.#text.length) {
      if (/\s/.test(this.#text[this.#at] ?? '')) this.#at += 1
      else if (this.#text[this.#at] === '#') this.#at = this.#lineEnd()
      else return true
    }
    return false
  }

  #lineEnd(from = this.#at): number {
    const end = this.#text.indexOf('\n', from)
    return end < 0 ? this.#text.length : end
  }

  #statement(): boolean {
    KEY.lastIndex = this.#at
    const match = KEY.exec(this.#text)
    const key = match?.[1]
    if (!match || key === undefined) return false
    const start = this.#at
    this.#at += match[0].length
    const separator = this.#text[this.#at]
    if (separator === '=' || separator === ':') {
      this.#at += 1
      this.#template = undefined
      const value = this.#value()
      if (value !== undefined) this.#define(key, value, start)
      return true
    }
    if (separator !== undefined && separator !== '\n' && separator !== '#') return false
    const inherited = this.#outer(key)
    this.#template = undefined
    if (inherited !== undefined) this.#define(key, inherited, start)
    this.#at = this.#lineEnd()
    return true
  }

  #define(key: string, value: string, start: number): void {
    const end = start + this.#text.slice(start, this.#at).trimEnd().length
    const template = this.#template === undefined ? {} : { template: this.#template }
    this.#values.set(key, value)
    this.#places.set(key, { start, end, ...template })
  }

  #value(): string | undefined {
    while (this.#text[this.#at] === ' ' || this.#text[this.#at] === '\t') this.#at += 1
    const quote = this.#text[this.#at]
    if (quote === '"' || quote === "'") return this.#quoted(quote)
    const end = this.#lineEnd()
    const start = this.#at
    const line = this.#text.slice(start, end)
    this.#at = end
    // A comment needs a space and a value before it.
    const comment = line.indexOf(' #')
    return this.#interpolate((comment < 0 ? line : line.slice(0, comment)).trim(), start)
  }

  #quoted(quote: string): string | undefined {
    const start = this.#at + 1
    let end = start
    while (end < this.#text.length && this.#text[end] !== quote) end += this.#text[end] === '\\' ? 2 : 1
    if (end >= this.#text.length) {
      this.#problems.push({ offset: this.#at, message: `close the quote ${quote}` })
      this.#at = this.#text.length
      return undefined
    }
    const body = this.#text.slice(start, end)
    // What follows on the line is a statement of its own, or a comment.
    this.#at = end + 1
    if (quote === "'") return body.replaceAll("\\'", "'")
    return this.#interpolate(unescapeValue(body), start)
  }

  #interpolate(value: string, offset: number): string {
    if (!value.includes('$')) return value
    this.#template = value
    try {
      const result = evaluate(value, {
        lookup: name => this.#outer(name) ?? this.#values.get(name),
        onUnset: name =>
          this.#problems.push({ offset, message: `the variable ${name} is not set`, unset: name }),
      })
      this.#interpolated += result.length
      if (this.#interpolated <= MOST_INTERPOLATED) return result
      this.#problems.push({
        offset,
        message: 'use variables in one another less: their values grow without end',
      })
      return ''
    } catch (error) {
      if (!(error instanceof TemplateError)) throw error
      const message =
        error.reason === 'required'
          ? `set the variable ${error.variable}: ${error.message}`
          : 'escape a literal $ with another $'
      this.#problems.push({ offset, message })
      return ''
    }
  }
}

const ESCAPES: Readonly<Record<string, string>> = {
  n: '\n',
  r: '\r',
  t: '\t',
  a: '\x07',
  b: '\b',
  f: '\f',
  v: '\v',
  '"': '"',
  '\\': '\\',
  // Doubled, so that interpolation makes one of it.
  $: '$$',
}

function unescapeValue(text: string): string {
  return text.replace(/\\(0[0-7]{1,3}|[\s\S])/g, (whole, code: string) => {
    if (/^0[0-7]+$/.test(code)) return String.fromCharCode(Number.parseInt(code, 8))
    return ESCAPES[code] ?? whole
  })
}
