import { failure } from '../diagnostics/index.ts'
import type { CommandContext } from './command.ts'
import { complete, longFlag, type Option, type OptionTable, type OptionValues } from './option.ts'

/** A command, written in one place: help, completion and reading of its options follow from this. */
export interface CommandDefinition<O extends OptionTable> {
  /** A paragraph for `COMMAND --help`: what it does to what exists. */
  readonly description: string
  readonly options: O
  /** Pairs of options that exclude each other. */
  readonly conflicts?: readonly (readonly [keyof O & string, keyof O & string])[]
  readonly examples?: readonly (readonly [command: string, meaning: string])[]
  /** What the first positional may be, where that is one of a few words. */
  readonly words?: readonly string[]
  /** Options end at the first positional: what follows belongs to the command run inside (`exec`, `run`). */
  readonly passThrough?: boolean
  /** Returns the exit status. */
  run(context: CommandContext, args: readonly string[], options: OptionValues<O>): Promise<number>
}

/** A command whose options' types are known to itself alone. */
export interface Command {
  readonly description: string
  readonly options: OptionTable
  readonly examples: readonly (readonly [command: string, meaning: string])[]
  readonly words: readonly string[]
  readonly passThrough: boolean
  /** Checks what excludes each other, then runs. Errors: FLAG_CONFLICT, and the command's own. */
  run(
    context: CommandContext,
    args: readonly string[],
    values: Readonly<Record<string, unknown>>,
  ): Promise<number>
}

/** A command in the list of all: as much as help needs to name it, and where the rest is. */
export interface CommandEntry {
  /** One word, or several: `alpha viz` is the command viz of the group alpha. */
  readonly name: string
  /** Another name, or one of former times: it works and is not shown. */
  readonly hidden?: boolean
  /** Positional arguments, `[SERVICE...]`. */
  readonly arguments: string
  readonly summary: string
  readonly load: () => Promise<{ readonly command: Command }>
}

/** What a group of commands is for, by its words. */
export type CommandGroups = Readonly<Record<string, string>>

/** Makes a command of its description: the types of its options are those of the table. */
export function defineCommand<const O extends OptionTable>(definition: CommandDefinition<O>): Command {
  const { description, options, conflicts = [], examples = [], words = [], passThrough = false } = definition
  return {
    description,
    options,
    examples,
    words,
    passThrough,
    run: async (context, args, given) => {
      const values = complete(options, given)
      for (const [one, other] of conflicts)
        if (isGiven(given[one]) && isGiven(given[other])) throw conflict(options[one], options[other])
      return definition.run(context, args, values)
    },
  }
}

function isGiven(value: unknown): boolean {
  return Array.isArray(value) ? value.length > 0 : value !== undefined && value !== false
}

function conflict(one: Option<unknown> | undefined, other: Option<unknown> | undefined): Error {
  return failure({
    code: 'FLAG_CONFLICT',
    kind: 'invalidArgument',
    summary: `${longFlag(one)} and ${longFlag(other)} exclude each other`,
  })
}
