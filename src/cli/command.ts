import type { GlobalOptions } from './global-options.ts'
import type { OptionDefinition } from './option-definition.ts'
import type { RawOptions } from './raw-options.ts'
import type { CommandLine } from './shell/command-line.ts'

export type { RawOptions } from './raw-options.ts'

/** The process's edges, injected so that a command can be run by a test. */
export interface Streams {
  readonly stdin: NodeJS.ReadStream
  readonly stdout: NodeJS.WriteStream
  readonly stderr: NodeJS.WriteStream
}

/** What every command is given beside its own options. */
export interface CommandContext {
  readonly globals: GlobalOptions
  readonly streams: Streams
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string
  /** All that can be written on a command line: what completion is made of. */
  readonly commandLine: () => Promise<CommandLine>
  /** Long names of the command's flags that were given, `no-build`: commander alone keeps only the last of a pair. */
  readonly given: ReadonlySet<string>
}

/** What the process gives to every command. */
export type Edges = Pick<CommandContext, 'streams' | 'env' | 'cwd'>

/** A command's work, loaded only when the command is run: a command that lists must not load the parser. */
export interface CommandModule {
  /** Returns the exit status. */
  run(context: CommandContext, args: readonly string[], options: RawOptions): Promise<number>
}

/** A command as `--help` shows it. */
export interface CommandDefinition {
  readonly name: string
  /** Positional arguments, `[SERVICE...]`. */
  readonly arguments: string
  readonly summary: string
  /** A paragraph for `COMMAND --help`: what it does to what exists. */
  readonly description: string
  readonly options: readonly OptionDefinition[]
  readonly examples: readonly (readonly [command: string, meaning: string])[]
  /** Options end at the first positional: what follows belongs to the command run inside (`exec`, `run`). */
  readonly passThrough?: boolean
  readonly load: () => Promise<CommandModule>
}
