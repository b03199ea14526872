import type { Value } from './values.ts'

/** Writes data as YAML, with a choice for each question of style, in turn. */
export class Writer {
  readonly #choices: readonly number[]
  #asked = 0

  constructor(choices: readonly number[]) {
    this.#choices = choices
  }

  document(entries: { readonly [key: string]: Value }): string {
    const text = this.#block(entries, 0)
    const ended = this.#choose(text, text, text.trimEnd(), `${text}\n\n`, `${text}  `)
    return this.#choose(ended, ended, ended.replaceAll('\n', '\r\n'))
  }

  #choose<T>(...options: readonly [T, ...T[]]): T {
    const choice = this.#choices[this.#asked++ % this.#choices.length] ?? 0
    return options[choice % options.length] ?? options[0]
  }

  #block(of: Value, column: number): string {
    const pad = ' '.repeat(column)
    if (Array.isArray(of))
      return of.map((item: Value) => `${pad}-${this.#below(item, column, true)}`).join('')
    return Object.entries(of)
      .map(
        ([name, item]) =>
          `${this.#choose('', '', '\n', `${pad}# x\n`)}${pad}${this.#key(name)}:${this.#anchor()}${this.#below(item, column, false)}`,
      )
      .join('')
  }

  #anchor(): string {
    return this.#choose('', '', '', '', ' &a')
  }

  #below(item: Value, column: number, isItem: boolean): string {
    const isEmpty = typeof item !== 'string' && Object.keys(item).length === 0
    const end = `${this.#choose('', '', '  ', ' # end')}\n`
    if (typeof item === 'string' && this.#choose(item.includes('\n'), false, true))
      return ` ${this.#blockScalar(item, column, end)}`
    if (typeof item === 'string' || isEmpty || this.#choose(true, false, false))
      return ` ${this.#flow(item)}${end}`
    const deeper = column + this.#choose(2, 1, 4)
    const sameColumn = !isItem && Array.isArray(item) && this.#choose(true, false)
    return `${end}${this.#block(item, sameColumn ? column : deeper)}`
  }

  /** With an indentation indicator now and then, a wrong one among them. */
  #blockScalar(text: string, column: number, end: string): string {
    const deeper = this.#choose(2, 1, 3)
    const width = this.#choose('', '', '', '', deeper, deeper, deeper - 1 || '', deeper + 1)
    const chomping = this.#choose('', '-', '+')
    const indicators = this.#choose(`${chomping}${width}`, `${width}${chomping}`)
    const pad = ' '.repeat(column + deeper)
    const blank = this.#choose('', pad, ' ')
    const lines = text.split('\n').map(line => (line === '' ? blank : pad + line))
    const below = this.#choose('', '', '', '\n', '\n\n', `${' '.repeat(column + 1)}# below\n`)
    return `${this.#choose('|', '>')}${indicators}${end}${lines.join('\n')}\n${below}`
  }

  #flow(item: Value): string {
    if (typeof item === 'string') return this.#scalar(item)
    const pad = this.#choose('', ' ')
    if (Array.isArray(item))
      return `[${pad}${item.map((each: Value) => this.#flow(each)).join(`,${pad}`)}${pad}]`
    const entries = Object.entries(item).map(([name, each]) => `${this.#key(name)}: ${this.#flow(each)}`)
    return `{${pad}${entries.join(', ')}${pad}}`
  }

  #key(name: string): string {
    return this.#choose(name, name, `"${name}"`, `'${name}'`)
  }

  /** Plain now and then where that does not mean the text itself: the trees must still agree. */
  #scalar(text: string): string {
    const json = JSON.stringify(text)
    if (text.includes('\n')) return json
    const single = `'${text.replaceAll("'", "''")}'`
    return this.#choose(text || '""', /^[a-z0-9/._]+$/i.test(text) ? text : single, single, json)
  }
}
