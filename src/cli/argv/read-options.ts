import { failure } from '../../diagnostics/index.ts'
import { nearest } from '../../diagnostics/nearest.ts'
import { parseSwitch } from '../../notation/index.ts'
import { namesOf, type Option, type OptionTable } from '../option.ts'

/** What a command line's words say of a table's options, by the names that the table has; and the words that are no options. */
export interface ReadOptions {
  readonly values: Readonly<Record<string, unknown>>
  readonly rest: readonly string[]
}

/** Where options end: nowhere before `--`, or also at the first word that is none (what follows is another command's). */
export type OptionsEnd = 'at two dashes' | 'at the first argument'

/** An option as it was written, and what stands behind its `=`. */
interface Spelled {
  readonly name: string
  readonly value?: string
}

/**
 * Reads options as the flags of Docker's tools are read: `--name value`, `--name=value`, `-n value`, `-nvalue`, `-abn=value`; a
 * switch takes a value behind `=` alone (`--wait=false`, `-d=1`); the last one counts, and lists grow. Raises FLAG_UNKNOWN, FLAG_VALUE.
 */
export function readOptions(words: readonly string[], options: OptionTable, end: OptionsEnd): ReadOptions {
  const reader = new Reader(words, options)
  const rest: string[] = []
  for (let word = reader.next(); word !== undefined; word = reader.next()) {
    if (word === '--') break
    if (word.startsWith('--')) reader.readLong(word)
    else if (word.startsWith('-') && word !== '-') reader.readShort(word)
    else {
      rest.push(word)
      if (end === 'at the first argument') break
    }
  }
  return { values: reader.values, rest: [...rest, ...reader.remaining()] }
}

class Reader {
  readonly values: Record<string, unknown> = {}
  readonly #words: readonly string[]
  readonly #keys = new Map<string, string>()
  readonly #options: OptionTable
  #at = 0

  constructor(words: readonly string[], options: OptionTable) {
    this.#words = words
    this.#options = options
    for (const [key, option] of Object.entries(options))
      for (const name of namesOf(option)) this.#keys.set(name, key)
  }

  next(): string | undefined {
    const word = this.#words[this.#at]
    this.#at += 1
    return word
  }

  remaining(): readonly string[] {
    return this.#words.slice(this.#at)
  }

  readLong(word: string): void {
    const at = word.indexOf('=')
    this.#assign(at < 0 ? { name: word } : { name: word.slice(0, at), value: word.slice(at + 1) })
  }

  /** One dash and one or more letters; the first that takes a value has the rest of the word, or the next word. */
  readShort(word: string): void {
    for (let at = 1; at < word.length; at += 1) {
      const name = `-${word[at]}`
      const rest = word.slice(at + 1)
      const takesRest = rest !== '' && this.#find(name).option.kind !== 'flag'
      if (takesRest || rest.startsWith('=')) {
        this.#assign({ name, value: rest.replace(/^=/, '') })
        return
      }
      this.#assign({ name })
    }
  }

  #assign({ name, value }: Spelled): void {
    const { key, option } = this.#find(name)
    if (option.kind === 'flag') this.values[key] = value === undefined ? true : readSwitch(name, value)
    else {
      const read = readValue(name, option, value ?? this.next())
      this.values[key] = option.kind === 'list' ? [...this.#list(key), read] : read
    }
  }

  #list(key: string): readonly unknown[] {
    const before = this.values[key]
    return Array.isArray(before) ? before : []
  }

  #find(name: string): { readonly key: string; readonly option: Option<unknown> } {
    const key = this.#keys.get(name)
    const option = key === undefined ? undefined : this.#options[key]
    if (key !== undefined && option !== undefined) return { key, option }
    const shown = Object.values(this.#options).filter(({ hidden }) => hidden !== true)
    const near = nearest(name, shown.flatMap(namesOf))
    throw failure({
      code: 'FLAG_UNKNOWN',
      kind: 'invalidArgument',
      summary: `there is no option ${name} here`,
      ...(near === undefined ? {} : { hint: `did you mean ${near}?` }),
    })
  }
}

function readSwitch(name: string, text: string): boolean {
  const value = parseSwitch(text)
  if (value === undefined) throw badValue(`${name}: got "${text}", want true or false`)
  return value
}

function readValue(
  name: string,
  { kind, choices }: Option<unknown>,
  text: string | undefined,
): string | number {
  if (text === undefined) throw badValue(`${name} wants a value`)
  if (choices !== undefined && !choices.includes(text))
    throw badValue(`${name}: got "${text}", want one of ${choices.join(', ')}`)
  if (kind !== 'number') return text
  if (!/^[+-]?\d+$/.test(text)) throw badValue(`${name}: got "${text}", want a whole number`)
  return Number(text)
}

function badValue(summary: string): Error {
  return failure({ code: 'FLAG_VALUE', kind: 'invalidArgument', summary })
}
