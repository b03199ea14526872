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
  /** One word or several: `alpha viz`. */
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

/** Names that `tscompose complete` is asked for while somebody types. */
export type NameKind = 'services' | 'scales' | 'paths' | 'profiles' | 'containers' | 'projects'

/** What may stand in a place of a command line. `scales` end with `=`, `paths` are files and what ends with `:`. */
export type Candidates =
  | { readonly kind: 'nothing' | 'files' | 'folders' }
  | { readonly kind: 'words'; readonly words: readonly string[] }
  | { readonly kind: 'names'; readonly of: NameKind }

const NOTHING: Candidates = { kind: 'nothing' }

/** Candidates by what a value or a positional is called in help. */
const BY_NAME: Readonly<Record<string, Candidates>> = {
  file: { kind: 'files' },
  folder: { kind: 'folders' },
  service: { kind: 'names', of: 'services' },
  'service=number': { kind: 'names', of: 'scales' },
  profile: { kind: 'names', of: 'profiles' },
  project: { kind: 'names', of: 'projects' },
  container: { kind: 'names', of: 'containers' },
  from: { kind: 'names', of: 'paths' },
  to: { kind: 'names', of: 'paths' },
}

/** What may stand behind an option that takes a value. */
export function valuesOf({ value, choices }: DescribedOption): Candidates {
  if (choices.length > 0) return { kind: 'words', words: choices }
  return (value === undefined ? undefined : BY_NAME[value]) ?? NOTHING
}

/** What may be the first word behind a command, and what the others. */
export function positionalsOf(command: DescribedCommand): {
  readonly first: Candidates
  readonly others: Candidates
} {
  if (command.words.length > 0) return { first: { kind: 'words', words: command.words }, others: NOTHING }
  const [one = '', two = ''] = command.arguments.split(' ')
  const first = ofPlace(one)
  return { first, others: one.includes('...') ? first : ofPlace(two) }
}

/** `<SERVICE>`, `[SERVICE...]`, `<SERVICE[.KEY]>`. */
function ofPlace(place: string): Candidates {
  const [, name = ''] = /^[[<]([\w=]+)/.exec(place) ?? []
  return BY_NAME[name.toLowerCase()] ?? NOTHING
}

/** The words that stand before those of several commands: `alpha`, `bridge`, `bridge transformations`. */
export function groupsOf({ commands }: CommandLine): readonly string[] {
  const groups = commands.flatMap(({ name }) => {
    const words = name.split(' ')
    return words.slice(1).map((_, index) => words.slice(0, index + 1).join(' '))
  })
  return [...new Set(groups)]
}

/** The words that may follow those of a group, or of nothing, each once, with what the first command of it is for. */
export function wordsAfter({ commands }: CommandLine, group: string): ReadonlyMap<string, string> {
  const words = new Map<string, string>()
  for (const { name, summary } of commands) {
    if (group !== '' && !name.startsWith(`${group} `)) continue
    const [word = '', ...more] = name.slice(group === '' ? 0 : group.length + 1).split(' ')
    if (!words.has(word)) words.set(word, more.length > 0 ? `${more.join(' ')} …` : summary)
  }
  return words
}
