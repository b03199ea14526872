import { Command, CommanderError, Option as CommanderOption, InvalidArgumentError } from 'commander'
import { failure } from '../../diagnostics/index.ts'
import { nearest } from '../../diagnostics/nearest.ts'
import { parseSwitch } from '../../notation/index.ts'
import { longFlag, namesOf, type Option, type OptionTable } from '../option.ts'

/** What a command line's words say of a table's options, by the names that the table has; and the words that are no options. */
export interface ReadOptions {
  readonly values: Readonly<Record<string, unknown>>
  readonly rest: readonly string[]
}

/** Where options end: nowhere before `--`, or also at the first word that is none (what follows is another command's). */
export type OptionsEnd = 'at two dashes' | 'at the first argument'

/**
 * Reads options as the flags of Docker's tools are read: `--name value`, `--name=value`, `-n value`, `-nvalue`, `-abn=value`; a
 * switch takes a value behind `=` alone (`--wait=false`, `-d=1`); the last one counts, and lists grow. Raises FLAG_UNKNOWN, FLAG_VALUE.
 */
export function readOptions(words: readonly string[], options: OptionTable, end: OptionsEnd): ReadOptions {
  const command = new Command()
    .helpOption(false)
    .argument('[words...]')
    .passThroughOptions(end === 'at the first argument')
    .exitOverride()
    .configureOutput({ writeErr: () => undefined })
    .action(() => undefined)
  for (const [key, option] of Object.entries(options))
    for (const each of option.kind === 'flag'
      ? switches(key, option, words)
      : [withValue(key, option, words)])
      command.addOption(each)
  try {
    command.parse(words, { from: 'user' })
  } catch (error) {
    throw error instanceof CommanderError ? asFailure(error, options) : error
  }
  return { values: command.opts(), rest: command.args }
}

/**
 * A switch, and beside it `--name=false` as it stands in the words as an option of its own: commander has no switch with a value,
 * but looks for the whole word first.
 */
function switches(key: string, option: Option<unknown>, words: readonly string[]): CommanderOption[] {
  const values = new Set(words.map(word => word.slice(word.indexOf('=') + 1)))
  const spelled = [...values].flatMap(text => {
    const value = parseSwitch(text)
    return value === undefined ? [] : [spelledSwitch(key, option, text).preset(value)]
  })
  return [stored(new CommanderOption(option.flags).preset(true), key), ...spelled]
}

function spelledSwitch(key: string, option: Option<unknown>, text: string): CommanderOption {
  const made = stored(new CommanderOption(`${longFlag(option)}=${text}`), key)
  const letter = namesOf(option).find(name => !name.startsWith('--'))
  // The constructor takes letters alone; what is compared with the word is this field.
  if (letter !== undefined) made.short = `${letter}=${text}`
  return made
}

function withValue(key: string, option: Option<unknown>, words: readonly string[]): CommanderOption {
  const { flags, kind, choices } = option
  const made = stored(new CommanderOption(flags), key)
  made.argParser<unknown>((given, before) => {
    const text = withoutEquals(given, option, words)
    if (choices !== undefined && !choices.includes(text))
      throw new InvalidArgumentError(`want one of ${choices.join(', ')}`)
    if (kind === 'list') return [...(Array.isArray(before) ? before : []), text]
    if (kind !== 'number') return text
    if (!/^[+-]?\d+$/.test(text)) throw new InvalidArgumentError('want a whole number')
    return Number(text)
  })
  return made
}

/** Commander takes the `=` of `-n=value` for the value's first character. */
function withoutEquals(text: string, option: Option<unknown>, words: readonly string[]): string {
  if (!text.startsWith('=')) return text
  const letters = namesOf(option).filter(name => !name.startsWith('--'))
  const isInline = letters.some(name =>
    words.some(word => /^-[^-]/.test(word) && word.endsWith(`${name.slice(1)}${text}`)),
  )
  return isInline ? text.slice(1) : text
}

/** To us `--no-deps` is an option like any other, and not the negation of one. */
function stored(option: CommanderOption, key: string): CommanderOption {
  option.negate = false
  option.attributeName = () => key
  return option
}

/** Commander's error in our words: its message is a sentence for a terminal. */
function asFailure({ code, message }: CommanderError, options: OptionTable): Error {
  const written = /'([^']*)'/.exec(message)?.[1] ?? ''
  if (code !== 'commander.unknownOption') return badValue(message.replace(/^error: (option )?/, ''))
  const [name = '', value] = written.split('=', 2)
  const known = Object.values(options).filter(({ hidden }) => hidden !== true)
  // Of `-d=2` commander has taken the `d` off before it looks at the rest.
  if (
    value !== undefined &&
    (name === '-' || Object.values(options).some(each => namesOf(each).includes(name)))
  )
    return badValue(`${name === '-' ? 'a switch' : name}: got "${value}", want true or false`)
  const near = nearest(name, known.flatMap(namesOf))
  return failure({
    code: 'FLAG_UNKNOWN',
    kind: 'invalidArgument',
    summary: `there is no option ${name} here`,
    ...(near === undefined ? {} : { hint: `did you mean ${near}?` }),
  })
}

function badValue(summary: string): Error {
  return failure({ code: 'FLAG_VALUE', kind: 'invalidArgument', summary })
}
