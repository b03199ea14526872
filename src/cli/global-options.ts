import { failure } from '../diagnostics/index.ts'
import { parseSwitch } from '../notation/index.ts'
import { choice, complete, flag, given, hidden, list, type OptionTable, text } from './option.ts'

const ANSI_MODES = ['never', 'always', 'auto'] as const
const PROGRESS_MODES = ['auto', 'tty', 'plain', 'json', 'rawjson', 'quiet'] as const

type AnsiMode = (typeof ANSI_MODES)[number]
export type ProgressMode = (typeof PROGRESS_MODES)[number]

/** The options before the sub-command, with their environment equivalents already applied. */
export interface GlobalOptions {
  readonly files: readonly string[]
  readonly projectName?: string
  /** Which of several of the same files. */
  readonly instance?: string
  readonly profiles: readonly string[]
  readonly envFiles: readonly string[]
  readonly projectDirectory?: string
  readonly ansi: AnsiMode
  readonly progress: ProgressMode
  /** Engine calls at once; Infinity for no limit. */
  readonly parallel: number
  readonly dryRun: boolean
  /** Plans are shown without asking registries for what is to be pulled. */
  readonly noAskRegistries: boolean
  readonly compatibility: boolean
  readonly allResources: boolean
}

/** The options before the command. */
const OPTIONS = {
  files: list('-f, --file <file>', 'Compose file; repeat to merge several, - for standard input'),
  projectName: text(
    '-p, --project-name <project>',
    'Name of the project (default: name: in the file, or the folder)',
  ),
  instance: text(
    '--instance <name>',
    'One of several of the same files, with names, data and a loopback address of its own',
  ),
  profiles: list('--profile <profile>', 'Enable a profile; repeat for more, * for all'),
  envFiles: list('--env-file <file>', 'Read variables from this file instead of .env; may be repeated'),
  projectDirectory: text(
    '--project-directory <folder>',
    'Base of relative paths (default: folder of the first file)',
  ),
  workdir: hidden(text('--workdir <folder>', '')),
  ansi: choice('--ansi <when>', 'Colours and cursor movement', ANSI_MODES),
  noAnsi: hidden(flag('--no-ansi', '')),
  progress: choice('--progress <type>', 'How progress is shown', [...PROGRESS_MODES, 'none']),
  parallel: text('--parallel <number>', 'Engine calls at once, -1 for no limit'),
  dryRun: flag('--dry-run', 'Show what would be done and change nothing'),
  noAskRegistries: flag('--no-ask-registries', 'Show plans without asking registries for their images'),
  verbose: hidden(flag('-D, --verbose', '')),
  debug: hidden(flag('--debug', '')),
  compatibility: hidden(flag('--compatibility', 'Names as Compose v1 made them')),
  allResources: flag('--all-resources', 'Keep networks, volumes, secrets and configs that no service uses'),
} as const

/** Those that may stand behind the command, too. */
export const ANYWHERE: OptionTable = {
  dryRun: OPTIONS.dryRun,
  noAskRegistries: OPTIONS.noAskRegistries,
  instance: OPTIONS.instance,
}

/** As a table of options, for whoever reads or shows them. */
export const GLOBAL_OPTIONS: OptionTable = OPTIONS

type Environment = Readonly<Record<string, string | undefined>>

/**
 * Merges the flags with `COMPOSE_*` of the process environment; a flag wins. Raises FLAG_VALUE for a word or a number that is
 * none, in the environment too.
 */
export function readGlobalOptions(
  values: Readonly<Record<string, unknown>>,
  env: Environment,
): GlobalOptions {
  const options = complete(OPTIONS, values)
  const { files, profiles, envFiles, projectName, instance, dryRun, allResources } = options
  const ansi = options.ansi ?? (options.noAnsi ? 'never' : oneOf('COMPOSE_ANSI', ANSI_MODES, env)) ?? 'auto'
  const named = options.progress ?? oneOf('COMPOSE_PROGRESS', [...PROGRESS_MODES, 'none'], env) ?? 'auto'
  const progress = named === 'none' ? 'quiet' : named
  checkTogether(ansi, progress)
  // It may be a variable that is not set: what is meant for an instance must not be done to the project itself.
  if (instance === '') throw badValue('--instance', instance, 'the name of an instance')
  checkSwitches(env)
  return {
    files,
    profiles,
    envFiles,
    ...given({ instance, projectName, projectDirectory: options.projectDirectory ?? options.workdir }),
    ansi,
    progress,
    parallel: parallelLimit(options.parallel, env),
    dryRun,
    noAskRegistries: options.noAskRegistries,
    compatibility: options.compatibility || parseSwitch(env['COMPOSE_COMPATIBILITY']) === true,
    allResources,
  }
}

/** Whether registries are asked for the images of plans that are shown: the flag, then TSCOMPOSE_ASK_REGISTRIES. */
export function asksForPulls(globals: GlobalOptions, env: Environment): boolean {
  return !globals.noAskRegistries && parseSwitch(env['TSCOMPOSE_ASK_REGISTRIES']) !== false
}

/** A variable that is one of a few words; undefined where it is not set, or empty. */
function oneOf<W extends string>(name: string, words: readonly W[], env: Environment): W | undefined {
  const value = env[name]
  if (value === undefined || value === '') return undefined
  const found = words.find(word => word === value)
  if (found === undefined) throw badValue(name, value, `one of ${words.join(', ')}`)
  return found
}

/** Variables that are on or off, wherever they are read. */
const SWITCHES = [
  'COMPOSE_BAKE',
  'COMPOSE_COMPATIBILITY',
  'COMPOSE_CONVERT_WINDOWS_PATHS',
  'COMPOSE_DISABLE_ENV_FILE',
  'COMPOSE_EXPERIMENTAL_WATCH_TAR',
  'COMPOSE_IGNORE_ORPHANS',
  'COMPOSE_MENU',
  'COMPOSE_REMOVE_ORPHANS',
  'COMPOSE_STATUS_STDOUT',
] as const

/** What is neither on nor off would be taken for off, and a misspelt "true" with it. */
function checkSwitches(env: Environment): void {
  for (const name of SWITCHES) {
    const value = env[name]
    if (value !== undefined && value !== '' && parseSwitch(value) === undefined)
      throw badValue(name, value, 'true or false')
  }
}

/** How progress is shown and whether colours are may contradict each other. Raises FLAG_CONFLICT. */
function checkTogether(ansi: AnsiMode, progress: ProgressMode): void {
  const conflicting = (ansi === 'never' && progress === 'tty') || (ansi === 'always' && progress === 'plain')
  if (conflicting)
    throw failure({
      code: 'FLAG_CONFLICT',
      kind: 'invalidArgument',
      summary: `--progress ${progress} and --ansi ${ansi} exclude each other`,
    })
}

/** As many as are wanted, and no limit for -1 as for 0. */
function parallelLimit(flagged: string | undefined, env: Environment): number {
  const [name, value] =
    flagged === undefined
      ? ['COMPOSE_PARALLEL_LIMIT', env['COMPOSE_PARALLEL_LIMIT']]
      : ['--parallel', flagged]
  if (value === undefined || value === '') return Number.POSITIVE_INFINITY
  if (!/^(?:-1|\+?\d+)$/.test(value)) throw badValue(name, value, 'a whole number, or -1 for no limit')
  return Number(value) > 0 ? Number(value) : Number.POSITIVE_INFINITY
}

function badValue(name: string, got: string, want: string): Error {
  return failure({
    code: 'FLAG_VALUE',
    kind: 'invalidArgument',
    summary: `${name}: got "${got}", want ${want}`,
  })
}

/** Whether colours go to a stream: the flag, then NO_COLOR, then whether it is a terminal. */
export function useColor(
  globals: GlobalOptions,
  stream: { readonly isTTY?: boolean },
  env: Environment,
): boolean {
  if (globals.ansi !== 'auto') return globals.ansi === 'always'
  return !env['NO_COLOR'] && stream.isTTY === true
}
