import { InvalidArgumentError, Option } from 'commander'
import type { Option as DefinedOption, OptionTable } from './option.ts'

/** Options as commander reads them: each value stands under the name that its table has for it. */
export function commanderOptions(options: OptionTable): Option[] {
  return Object.entries(options).map(([name, option]) => commanderOption(name, option))
}

function commanderOption(
  name: string,
  { flags, help, kind, choices, hidden }: DefinedOption<unknown>,
): Option {
  const option = new Option(flags, help)
  // To us `--no-deps` is an option like any other, and not the negation of one.
  option.negate = false
  option.attributeName = () => name
  if (hidden) option.hideHelp()
  if (choices) option.choices([...choices])
  if (kind === 'list') option.argParser(collect)
  if (kind === 'number') option.argParser(parseNumber)
  return option
}

function collect(value: string, previous: readonly string[] | undefined): string[] {
  return [...(previous ?? []), value]
}

function parseNumber(value: string): number {
  const number = Number(value)
  if (!Number.isInteger(number)) throw new InvalidArgumentError('want a whole number')
  return number
}
