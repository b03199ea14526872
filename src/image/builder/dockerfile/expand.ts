/** How a word is expanded. */
export interface Expansion {
  /** The value of a variable; undefined when it is not set. */
  readonly lookup: (name: string) => string | undefined
  readonly escapeChar: string
  /** Keep quotes and escapes as they are: the content of a heredoc. */
  readonly raw?: boolean
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
  return new Expander(word, expansion).text('')
}

/** Expands and splits what an unquoted variable holds at white space, as EXPOSE does. */
export function expandWords(words: readonly string[], expansion: Expansion): string[] {
  return words.flatMap(word => {
    const expanded = expandWord(word, expansion)
    return /["']/.test(word) ? [expanded] : expanded.split(/\s+/).filter(part => part !== '')
  })
}

class Expander {
  readonly #word: string
  readonly #expansion: Expansion
  #at = 0

  constructor(word: string, expansion: Expansion) {
    this.#word = word
    this.#expansion = expansion
  }

  /** Up to a character of `stops` (not eaten), or the end. */
  text(stops: string): string {
    const { escapeChar, raw } = this.#expansion
    let result = ''
    while (this.#at < this.#word.length) {
      const char = this.#word.charAt(this.#at)
      if (stops.includes(char)) break
      if (char === '$') result += this.#dollar()
      else if (char === escapeChar) result += this.#escaped()
      else if (char === "'" && !raw) result += this.#single()
      else if (char === '"' && !raw) result += this.#double()
      else result += this.#take()
    }
    return result
  }

  #take(): string {
    const char = this.#word.charAt(this.#at)
    this.#at += 1
    return char
  }

  #escaped(): string {
    const escapeChar = this.#take()
    if (this.#at >= this.#word.length) return escapeChar
    const next = this.#take()
    return this.#expansion.raw && next !== '$' ? `${escapeChar}${next}` : next
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
    for (;;) {
      if (this.#at >= this.#word.length)
        throw new ExpansionError(`quote " is not closed in ${JSON.stringify(this.#word)}`)
      const char = this.#word.charAt(this.#at)
      if (char === '"') break
      if (char === '$') result += this.#dollar()
      else if (char === this.#expansion.escapeChar) result += this.#escapedInDouble()
      else result += this.#take()
    }
    this.#take()
    return result
  }

  #escapedInDouble(): string {
    const escapeChar = this.#take()
    const next = this.#word.charAt(this.#at)
    return next === '"' || next === '$' || next === escapeChar ? this.#take() : escapeChar
  }

  #dollar(): string {
    this.#take()
    if (this.#word.charAt(this.#at) === '{') return this.#braced()
    const name = this.#name()
    return name === '' ? '$' : (this.#expansion.lookup(name) ?? '')
  }

  /** A name, or one of the shell's special parameters, which are never set. */
  #name(): string {
    const [name = ''] = /^(?:[a-zA-Z_][a-zA-Z0-9_]*|[0-9]|[@*#])/.exec(this.#word.slice(this.#at)) ?? []
    this.#at += name.length
    return name
  }

  #braced(): string {
    const start = this.#at - 1
    this.#take()
    const name = this.#name()
    if (name === '') throw this.#bad(start)
    const [operator = ''] = /^(?::[-+?]|##?|%%?|\/\/?|[-+?])/.exec(this.#word.slice(this.#at)) ?? []
    this.#at += operator.length
    const value = this.#expansion.lookup(name)
    const result = operator === '' ? (value ?? '') : this.#operate(operator, name, value)
    if (this.#take() !== '}') throw this.#bad(start)
    return result
  }

  #operate(operator: string, name: string, value: string | undefined): string {
    if (operator === '/' || operator === '//') return this.#replace(value ?? '', operator === '//')
    const word = this.text('}')
    const set = value !== undefined && (value !== '' || !operator.startsWith(':'))
    switch (operator) {
      case ':-':
      case '-':
        return set ? value : word
      case ':+':
      case '+':
        return set ? word : ''
      case ':?':
      case '?':
        if (set) return value
        throw new ExpansionError(`variable "${name}" is required: ${word === '' ? 'it is not set' : word}`)
      default:
        return strip(value ?? '', operator, word)
    }
  }

  #replace(value: string, all: boolean): string {
    const pattern = this.text('/}')
    if (this.#word.charAt(this.#at) === '/') this.#take()
    const replacement = this.text('}')
    return value.replace(new RegExp(globSource(pattern), all ? 'gs' : 's'), () => replacement)
  }

  #bad(start: number): ExpansionError {
    return new ExpansionError(`bad substitution ${JSON.stringify(this.#word.slice(start))}`)
  }
}

/** Takes the shortest or longest match of a pattern off the start (`#`) or the end (`%`). */
function strip(value: string, operator: string, pattern: string): string {
  const exact = new RegExp(`^(?:${globSource(pattern)})$`, 's')
  const cuts = Array.from({ length: value.length + 1 }, (_, length) => length)
  if (operator.length === 2) cuts.reverse()
  for (const length of cuts) {
    const head = operator.startsWith('#')
    const part = head ? value.slice(0, length) : value.slice(value.length - length)
    if (exact.test(part)) return head ? value.slice(length) : value.slice(0, value.length - length)
  }
  return value
}

/** Source of a regular expression for a shell pattern of `*` and `?`. */
function globSource(pattern: string): string {
  return pattern.replace(/\\?./gs, token => {
    if (token === '*') return '.*'
    if (token === '?') return '.'
    return token.slice(-1).replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')
  })
}
