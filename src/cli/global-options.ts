import type { OptionDefinition } from './option-definition.ts'
import type { RawOptions } from './raw-options.ts'

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
  readonly compatibility: boolean
  readonly allResources: boolean
}

/** The options before the command, as help shows them. */
export const GLOBAL_OPTIONS: readonly OptionDefinition[] = [
  {
    flags: '-f, --file <file>',
    help: 'Compose file; repeat to merge several, - for standard input',
    value: 'list',
  },
  {
    flags: '-p, --project-name <name>',
    help: 'Name of the project (default: name: in the file, or the folder)',
  },
  { flags: '--profile <profile>', help: 'Enable a profile; repeat for more, * for all', value: 'list' },
  {
    flags: '--env-file <file>',
    help: 'Read variables from this file instead of .env; may be repeated',
    value: 'list',
  },
  {
    flags: '--project-directory <folder>',
    help: 'Base of relative paths (default: folder of the first file)',
  },
  { flags: '--workdir <folder>', help: '', hidden: true },
  { flags: '--ansi <when>', help: 'Colours and cursor movement', choices: ['never', 'always', 'auto'] },
  {
    flags: '--progress <type>',
    help: 'How progress is shown',
    choices: ['auto', 'tty', 'plain', 'json', 'quiet', 'none'],
  },
  { flags: '--parallel <number>', help: 'Engine calls at once, -1 for no limit' },
  { flags: '--dry-run', help: 'Show what would be done and change nothing' },
  { flags: '--compatibility', help: 'Names as Compose v1 made them', hidden: true },
  { flags: '--all-resources', help: 'Keep networks, volumes, secrets and configs that no service uses' },
]

type Environment = Readonly<Record<string, string | undefined>>

/** Merges the flags with `COMPOSE_*` of the process environment; a flag wins. */
export function readGlobalOptions(raw: RawOptions, env: Environment): GlobalOptions {
  const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)
  const list = (value: unknown): readonly string[] => (Array.isArray(value) ? value.map(String) : [])
  const projectName = text(raw['projectName'])
  const projectDirectory = text(raw['projectDirectory']) ?? text(raw['workdir'])
  return {
    files: list(raw['file']),
    profiles: list(raw['profile']),
    envFiles: list(raw['envFile']),
    ...(projectName === undefined ? {} : { projectName }),
    ...(projectDirectory === undefined ? {} : { projectDirectory }),
    ansi: (text(raw['ansi']) ?? env['COMPOSE_ANSI'] ?? 'auto') as AnsiMode,
    progress: progressMode(text(raw['progress']) ?? env['COMPOSE_PROGRESS']),
    parallel: parallelLimit(raw['parallel'] ?? env['COMPOSE_PARALLEL_LIMIT']),
    dryRun: raw['dryRun'] === true,
    compatibility: raw['compatibility'] === true || isTrue(env['COMPOSE_COMPATIBILITY']),
    allResources: raw['allResources'] === true,
  }
}

function progressMode(value: string | undefined): ProgressMode {
  if (value === 'none') return 'quiet'
  return value === 'tty' || value === 'plain' || value === 'json' || value === 'quiet' ? value : 'auto'
}

function parallelLimit(value: unknown): number {
  const limit = value === undefined ? Number.NaN : Number(value)
  return Number.isInteger(limit) && limit > 0 ? limit : Number.POSITIVE_INFINITY
}

function isTrue(value: string | undefined): boolean {
  return value === '1' || value?.toLowerCase() === 'true'
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
