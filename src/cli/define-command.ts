import { failure } from '../diagnostics/index.ts'
import type { CommandContext } from './command.ts'

/** One option of a command: how it is written, shown and read. `T` is what `run` gets. */
export interface Option<T> {
  /** `-t, --timeout <seconds>`, as help shows it. */
  readonly flags: string
  readonly help: string
  readonly kind: 'flag' | 'text' | 'number' | 'list'
  readonly choices?: readonly string[]
  /** Accepted for compatibility and not shown. */
  readonly hidden?: boolean
  /** Never there: it carries the type. */
  readonly type?: T
}

/** True where it was given. `--no-build` is an option of its own name, not the negation of another. */
export function flag(flags: string, help: string): Option<boolean> {
  return { flags, help, kind: 'flag' }
}

export function text(flags: string, help: string): Option<string | undefined> {
  return { flags, help, kind: 'text' }
}

/** A whole number. */
export function number(flags: string, help: string): Option<number | undefined> {
  return { flags, help, kind: 'number' }
}

/** May be repeated; empty where it was not given. */
export function list(flags: string, help: string): Option<readonly string[]> {
  return { flags, help, kind: 'list' }
}

/** One of a few words. */
export function choice<const W extends string>(
  flags: string,
  help: string,
  choices: readonly W[],
): Option<W | undefined> {
  return { flags, help, kind: 'text', choices }
}

/** An option that is taken and not shown. */
export function hidden<T>(option: Option<T>): Option<T> {
  return { ...option, hidden: true }
}

/** The options of a command by the names that its code calls them. */
export type OptionTable = Readonly<Record<string, Option<unknown>>>

/** What `run` gets: each option's value, by its name. */
export type OptionValues<O extends OptionTable> = {
  readonly [Name in keyof O]: O[Name] extends Option<infer T> ? T : never
}

/** A command, written in one place: help, completion and reading of its options follow from this. */
export interface CommandSpec<O extends OptionTable> {
  /** A paragraph for `COMMAND --help`: what it does to what exists. */
  readonly description: string
  readonly options: O
  /** Pairs of options that exclude each other. */
  readonly conflicts?: readonly (readonly [keyof O & string, keyof O & string])[]
  readonly examples?: readonly (readonly [command: string, meaning: string])[]
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
  readonly name: string
  /** Positional arguments, `[SERVICE...]`. */
  readonly arguments: string
  readonly summary: string
  readonly load: () => Promise<{ readonly command: Command }>
}

/** Makes a command of its description: the types of its options are those of the table. */
export function defineCommand<const O extends OptionTable>(spec: CommandSpec<O>): Command {
  const { description, options, conflicts = [], examples = [], passThrough = false } = spec
  return {
    description,
    options,
    examples,
    passThrough,
    run: async (context, args, given) => {
      const values = complete(options, given)
      for (const [one, other] of conflicts)
        if (isGiven(values[one]) && isGiven(values[other])) throw conflict(options[one], options[other])
      // The reader of argv gives each option the kind of value that its definition names.
      return spec.run(context, args, values as OptionValues<O>)
    },
  }
}

/** Every option with a value: what was not given is false, undefined or an empty list. */
function complete(options: OptionTable, given: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const nothing = { flag: false, list: [], text: undefined, number: undefined } as const
  return Object.fromEntries(
    Object.entries(options).map(([name, { kind }]) => [name, given[name] ?? nothing[kind]]),
  )
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

/** `--timeout` of `-t, --timeout <seconds>`. */
export function longFlag(option: Option<unknown> | undefined): string {
  return /--[\w-]+/.exec(option?.flags ?? '')?.[0] ?? ''
}

/** An object without what is undefined: how options become the optional fields of a request. */
export function given<T extends object>(values: T): { readonly [K in keyof T]?: Exclude<T[K], undefined> } {
  const kept = Object.entries(values).filter(([, value]) => value !== undefined)
  return Object.fromEntries(kept) as { [K in keyof T]?: Exclude<T[K], undefined> }
}
