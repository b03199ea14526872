/** One option: how it is written, shown and read. `T` is what `run` gets. */
export interface Option<T> {
  /** `-t, --timeout <seconds>`, as help shows it. */
  readonly flags: string
  readonly help: string
  readonly kind: 'flag' | 'text' | 'number' | 'list'
  readonly choices?: readonly string[]
  /** Accepted for compatibility and not shown. */
  readonly hidden?: boolean
  /** A switch that is on where nothing is said: `--pause=false` is what one writes. */
  readonly initially?: true
  /** A switch of which it counts that nothing was said of it. */
  readonly open?: true
  /** Never there: it carries the type. */
  readonly type?: T
}

/** True where it was given. `--no-build` is an option of its own name, not the negation of another. */
export function flag(flags: string, help: string): Option<boolean> {
  return { flags, help, kind: 'flag' }
}

/** A switch that is on unless it is given as `=false`. */
export function flagOn(flags: string, help: string): Option<boolean> {
  return { flags, help, kind: 'flag', initially: true }
}

/** A switch that something else decides where it is not given; `=false` is a word, too. */
export function openFlag(flags: string, help: string): Option<boolean | undefined> {
  return { flags, help, kind: 'flag', open: true }
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

/** Every option with a value: what was not given is false, undefined or an empty list. */
export function complete<O extends OptionTable>(
  options: O,
  given: Readonly<Record<string, unknown>>,
): OptionValues<O> {
  const nothing = { flag: false, list: [], text: undefined, number: undefined } as const
  const values = Object.entries(options).map(([name, { kind, initially, open }]) => [
    name,
    given[name] ?? initially ?? (open ? undefined : nothing[kind]),
  ])
  // The reader of argv gives each option the kind of value that its definition names.
  return Object.fromEntries(values) as OptionValues<O>
}

/** `-t` and `--timeout` of `-t, --timeout <seconds>`. */
export function namesOf({ flags }: Pick<Option<unknown>, 'flags'>): readonly string[] {
  const names = flags.split(/[ ,]+/)
  return names.filter(name => name.startsWith('-'))
}

/** `--timeout` of `-t, --timeout <seconds>`. */
export function longFlag(option: Option<unknown> | undefined): string {
  return (option && namesOf(option).find(name => name.startsWith('--'))) ?? ''
}

/** An object without what is undefined: how options become the optional fields of a request. */
export function given<T extends object>(values: T): { readonly [K in keyof T]?: Exclude<T[K], undefined> } {
  const kept = Object.entries(values).filter(([, value]) => value !== undefined)
  return Object.fromEntries(kept) as { [K in keyof T]?: Exclude<T[K], undefined> }
}
