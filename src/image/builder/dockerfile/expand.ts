import { replacePattern, stripPattern } from './pattern.ts'

/** How a word is expanded. */
export interface Expansion {
  /** The value of a variable; undefined when it is not set. */
  readonly lookup: (name: string) => string | undefined
  readonly escapeChar: string
  /** Quotes are plain characters and backslash escapes, whatever the file's escape character is: the content of a heredoc. */
  readonly raw?: boolean
  /** Dollars are plain characters: the name of a heredoc. */
  readonly plainDollars?: boolean
}

/** A word that cannot be expanded; the builder adds the place. */
export class ExpansionError extends Error {
  override readonly name = 'ExpansionError'
}

/**
 * Expands the variables of a word by the rules of a Dockerfile and takes its quotes off: `$x`, `${x}`, and in braces
 * `:-` `-` `:+` `+` `:?` `?` `#` `##` `%` `%%` `/` `//`.
 */
export function expandWord(word: string, expansion: Expansion): string {
  return new Expander(word, expansion).all().text
}

/** Expands and splits what an unquoted variable holds at white space, as EXPOSE does. */
export function expandWords(words: readonly string[], expansion: Expansion): string[] {
  return words.flatMap(word => new Expander(word, expansion).all().words)
}

/** Letters and digits of any script, as Go counts them. */
const NAME = /^(?:\p{Nd}+|[@*#?$!-]|[\p{L}_][\p{L}\p{Nd}_]*)/u
/** What may stand behind a colon, too. */
const DEFAULTS = '-+?'

interface Expanded {
  readonly text: string
  /** The same, split at white space that stood in no quotes. */
  readonly words: string[]
}

class Expander {
  readonly #word: string
  readonly #expansion: Expansion
  readonly #escapeChar: string
  #at = 0

  constructor(word: string, expansion: Expansion) {
    this.#word = word
    this.#expansion = expansion
    this.#escapeChar = expansion.raw ? '\\' : expansion.escapeChar
  }

  /** The whole word. */
  all(): Expanded {
    return this.#until('', false)
  }

  /** Up to a character, which is eaten, or the end; `keepEscapes` leaves escapes to those who read patterns. */
  #until(stop: string, keepEscapes: boolean): Expanded {
    const collected = new Words()
    while (!this.#ended) {
      const char = this.#peek()
      if (char === stop) {
        this.#at += 1
        return collected.end()
      }
      if (this.#startsVariable(char)) collected.addSplit(this.#dollar())
      else if (char === this.#escapeChar) collected.add(this.#escaped(keepEscapes))
      else if (char === "'" && !this.#expansion.raw) collected.add(this.#single())
      else if (char === '"' && !this.#expansion.raw) collected.add(this.#double())
      else collected.addSplit(this.#take())
    }
    if (stop !== '') throw this.#bad(`"${stop}" is missing`)
    return collected.end()
  }

  get #ended(): boolean {
    return this.#at >= this.#word.length
  }

  #peek(): string {
    return this.#word.charAt(this.#at)
  }

  #startsVariable(char: string): boolean {
    return char === '$' && this.#expansion.plainDollars !== true
  }

  #take(): string {
    const char = this.#peek()
    this.#at += 1
    return char
  }

  /** One that ends the word escapes nothing, and goes. */
  #escaped(keep: boolean): string {
    const escapeChar = this.#take()
    return `${keep ? escapeChar : ''}${this.#take()}`
  }

  #single(): string {
    const end = this.#word.indexOf("'", this.#at + 1)
    if (end === -1) throw new ExpansionError(`quote ' is not closed in ${JSON.stringify(this.#word)}`)
    const content = this.#word.slice(this.#at + 1, end)
    this.#at = end + 1
    return content
  }

  /** Between double quotes the escape character acts on `"`, `$` and itself alone. */
  #double(): string {
    this.#take()
    let result = ''
    while (!this.#ended) {
      const char = this.#peek()
      if (char === '"') {
        this.#at += 1
        return result
      }
      if (this.#startsVariable(char)) result += this.#dollar()
      else if (char === this.#escapeChar) result += this.#escapedInDouble()
      else result += this.#take()
    }
    throw new ExpansionError(`quote " is not closed in ${JSON.stringify(this.#word)}`)
  }

  #escapedInDouble(): string {
    const escapeChar = this.#take()
    const next = this.#peek()
    return next === '"' || next === '$' || next === escapeChar ? this.#take() : escapeChar
  }

  #dollar(): string {
    this.#take()
    if (this.#peek() === '{') return this.#braced()
    const name = this.#name()
    return name === '' ? '$' : (this.#expansion.lookup(name) ?? '')
  }

  /** A name, a number, or one of the shell's special parameters. */
  #name(): string {
    const [name = ''] = NAME.exec(this.#word.slice(this.#at)) ?? []
    this.#at += name.length
    return name
  }

  #braced(): string {
    this.#take()
    if (/^[{}:]?$/.test(this.#peek())) throw this.#bad('bad substitution')
    const name = this.#name()
    const first = this.#take()
    if (first === '}') return this.#expansion.lookup(name) ?? ''
    if (first === '/') return this.#replaced(name)
    const operator = first === ':' ? this.#take() : first
    const known = first === ':' ? DEFAULTS : `${DEFAULTS}#%`
    if (operator === '' || !known.includes(operator))
      throw this.#bad(`modifier "${first === ':' ? ':' : ''}${operator}" is not supported`)
    if (operator === '#' || operator === '%') return this.#stripped(name, operator)
    const { text } = this.#until('}', false)
    return this.#defaulted(name, operator, text, first === ':')
  }

  /** `-`, `+` and `?`; behind a colon an empty value is none. */
  #defaulted(name: string, operator: string, word: string, emptyIsUnset: boolean): string {
    const value = this.#expansion.lookup(name)
    const set = value !== undefined && !(emptyIsUnset && value === '')
    if (operator === '-') return set ? value : word
    if (operator === '+') return set ? word : ''
    if (set) return value
    const what = value === undefined ? 'it is not set' : 'it is empty'
    throw new ExpansionError(`variable "${name}" is required: ${word === '' ? what : word}`)
  }

  #stripped(name: string, operator: '#' | '%'): string {
    const { text } = this.#until('}', true)
    const longest = text.startsWith(operator)
    const value = this.#expansion.lookup(name) ?? ''
    return this.#withPattern(() => stripPattern(value, longest ? text.slice(1) : text, operator, longest))
  }

  #replaced(name: string): string {
    const all = this.#peek() === '/'
    if (all) this.#take()
    const pattern = this.#until('/', true).text
    const replacement = this.#until('}', true).text
    const value = this.#expansion.lookup(name) ?? ''
    return this.#withPattern(() => replacePattern(value, pattern, replacement, all))
  }

  #withPattern(work: () => string): string {
    try {
      return work()
    } catch (error) {
      if (!(error instanceof RangeError)) throw error
      throw this.#bad(error.message)
    }
  }

  #bad(what: string): ExpansionError {
    return new ExpansionError(`${what} in ${JSON.stringify(this.#word)}`)
  }
}

/** Collects a text, and where it falls apart into words. */
class Words {
  readonly #words: string[] = []
  #text = ''
  #word = ''

  /** What stood in quotes or was escaped: white space in it parts nothing. */
  add(text: string): void {
    this.#text += text
    this.#word += text
  }

  addSplit(text: string): void {
    this.#text += text
    const [first = '', ...others] = text.split(/\s/)
    this.#word += first
    for (const part of others) {
      this.#endWord()
      this.#word = part
    }
  }

  end(): Expanded {
    this.#endWord()
    return { text: this.#text, words: this.#words }
  }

  #endWord(): void {
    if (this.#word !== '') this.#words.push(this.#word)
    this.#word = ''
  }
}
