/** One option, as completion and the manual know it. */
export interface DescribedOption {
  /** With their dashes, the long one first: `--file`, `-f`. */
  readonly names: readonly string[]
  /** What its value is called; undefined: it takes none. */
  readonly value?: string
  readonly choices: readonly string[]
  readonly help: string
}

export interface DescribedCommand {
  readonly name: string
  readonly arguments: string
  readonly summary: string
  /** What the first positional may be, where that is one of a few words. */
  readonly words: readonly string[]
  readonly description: string
  readonly options: readonly DescribedOption[]
  readonly examples: readonly (readonly [command: string, meaning: string])[]
}

/** All that can be written after `tscompose`, from the very definitions that read it. */
export interface CommandLine {
  readonly options: readonly DescribedOption[]
  readonly commands: readonly DescribedCommand[]
}

/** True where the first word behind a command is a service of the project. */
export function takesService(command: DescribedCommand): boolean {
  return /^[[<]SERVICE/.test(command.arguments)
}

/** True where every word behind a command is one. */
export function takesServices(command: DescribedCommand): boolean {
  return command.arguments.startsWith('[SERVICE...')
}
