import { InvalidArgumentError, Option } from 'commander'
import type { Option as DefinedOption } from './define-command.ts'
import type { OptionDefinition } from './option-definition.ts'

/** A global option, or one of a command that is not made by `defineCommand`, as commander reads it. */
export function toOption(definition: OptionDefinition): Option {
  const option = new Option(definition.flags, definition.help)
  if (definition.hidden) option.hideHelp()
  if (definition.choices) option.choices([...definition.choices])
  if (definition.value === 'list') option.argParser(collect)
  if (definition.value === 'number') option.argParser(parseNumber)
  // Commander takes `--no-attach <service>` for the negation of --attach; it is an option of its own.
  if (definition.value === 'list' && option.negate) option.attributeName = () => camelCase(option.name())
  return option
}

/** A command's option as commander reads it: its value stands under the name that the command has for it. */
export function definedOption(
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

function camelCase(name: string): string {
  return name.replace(/-(\w)/g, (_match, letter: string) => letter.toUpperCase())
}

function parseNumber(value: string): number {
  const number = Number(value)
  if (!Number.isInteger(number)) throw new InvalidArgumentError('want a whole number')
  return number
}
