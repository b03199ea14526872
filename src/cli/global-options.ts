import { parseSwitch } from '../notation/index.ts'
import { choice, complete, flag, given, hidden, list, type OptionTable, text } from './option.ts'

export type AnsiMode = 'never' | 'always' | 'auto'
export type ProgressMode = 'auto' | 'tty' | 'plain' | 'json' | 'quiet'

/** The options before the sub-command, with their environment equivalents already applied. */
export interface GlobalOptions {
  readonly files: readonly string[]
  readonly projectName?: string
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
    '-p, --project-name <name>',
    'Name of the project (default: name: in the file, or the folder)',
  ),
  profiles: list('--profile <profile>', 'Enable a profile; repeat for more, * for all'),
  envFiles: list('--env-file <file>', 'Read variables from this file instead of .env; may be repeated'),
  projectDirectory: text(
    '--project-directory <folder>',
    'Base of relative paths (default: folder of the first file)',
  ),
  workdir: hidden(text('--workdir <folder>', '')),
  ansi: choice('--ansi <when>', 'Colours and cursor movement', ['never', 'always', 'auto']),
  progress: choice('--progress <type>', 'How progress is shown', [
    'auto',
    'tty',
    'plain',
    'json',
    'quiet',
    'none',
  ]),
  parallel: text('--parallel <number>', 'Engine calls at once, -1 for no limit'),
  dryRun: flag('--dry-run', 'Show what would be done and change nothing'),
  noAskRegistries: flag('--no-ask-registries', 'Show plans without asking registries for their images'),
  compatibility: hidden(flag('--compatibility', 'Names as Compose v1 made them')),
  allResources: flag('--all-resources', 'Keep networks, volumes, secrets and configs that no service uses'),
} as const

/** Those that may stand behind the command, too. */
export const ANYWHERE: OptionTable = { dryRun: OPTIONS.dryRun, noAskRegistries: OPTIONS.noAskRegistries }

/** As a table of options, for whoever reads or shows them. */
export const GLOBAL_OPTIONS: OptionTable = OPTIONS

type Environment = Readonly<Record<string, string | undefined>>

/** Merges the flags with `COMPOSE_*` of the process environment; a flag wins. */
export function readGlobalOptions(
  values: Readonly<Record<string, unknown>>,
  env: Environment,
): GlobalOptions {
  const options = complete(OPTIONS, values)
  const { files, profiles, envFiles, projectName, dryRun, allResources } = options
  return {
    files,
    profiles,
    envFiles,
    ...given({ projectName, projectDirectory: options.projectDirectory ?? options.workdir }),
    ansi: options.ansi ?? ((env['COMPOSE_ANSI'] ?? 'auto') as AnsiMode),
    progress: progressMode(options.progress ?? env['COMPOSE_PROGRESS']),
    parallel: parallelLimit(options.parallel ?? env['COMPOSE_PARALLEL_LIMIT']),
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

function progressMode(value: string | undefined): ProgressMode {
  if (value === 'none') return 'quiet'
  return value === 'tty' || value === 'plain' || value === 'json' || value === 'quiet' ? value : 'auto'
}

function parallelLimit(value: unknown): number {
  const limit = value === undefined ? Number.NaN : Number(value)
  return Number.isInteger(limit) && limit > 0 ? limit : Number.POSITIVE_INFINITY
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
