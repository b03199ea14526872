import type { Facts } from '../../diagnostics/index.ts'
import { parseSize } from '../words/sizes.ts'
import type { Problems } from './problems.ts'
import type { Given, Term } from './term.ts'

/** Of the last 100 MB that a container wrote nothing is lost: a fifth file is about to be removed, or was just begun. */
const DEFAULT_SIZE = 25_000_000
const DEFAULT_FILES = 5
const DEFAULT_DRIVER = 'json-file'

const COMMON = ['mode', 'max-buffer-size', 'max-size', 'max-file', 'compress']

/** Options of each driver, as dockerd knows them. What goes to a log system alone (`labels`, `tag` …) changes nothing here. */
const OPTIONS: Readonly<Record<string, readonly string[]>> = {
  'json-file': [...COMMON, 'labels', 'labels-regex', 'env', 'env-regex', 'tag', 'cache-disabled'],
  local: COMMON,
}

const BOOLEAN = /^(1|t|T|TRUE|true|True|0|f|F|FALSE|false|False)$/
const SIZE = /^(-1|\d+([kmgb]|[kmg]b)?)$/i

/** What the value of an option looks like. */
const VALUES: Readonly<Record<string, readonly [RegExp, string]>> = {
  'max-size': [SIZE, 'no size, want as 10m'],
  'max-file': [/^[1-9]\d{0,3}$/, 'no number of at least 1'],
  'max-buffer-size': [SIZE, 'no size, want as 1m'],
  mode: [/^(blocking|non-blocking)?$/, 'no mode, want blocking or non-blocking'],
  compress: [BOOLEAN, 'neither true nor false'],
}

/** What becomes of the container's output. */
export interface LogTerms {
  readonly driver: string
  readonly options: Options
  /** How much is kept; absent where nothing is. */
  readonly kept?: KeptLog
}

/** Bytes at which the file is rotated, 0 for never, and how many files are kept with the present one. */
interface KeptLog {
  readonly maxSize: number
  readonly maxFiles: number
}

type Options = Readonly<Record<string, string>>

type Own = 'LogConfig'

/** LOG_DRIVER, LOG_OPTION. */
export const logTerm: Term<Own, LogTerms> = {
  fields: { LogConfig: true },
  path: 'HostConfig.LogConfig',
  read: ({ LogConfig: { Type, Config = {} } = {} }) => ({
    driver: Type || DEFAULT_DRIVER,
    options: Config,
    ...(Type === 'none' ? {} : { kept: keptOf(Type, Config) }),
  }),
  check: ({ LogConfig }, problems) => checkLogging(LogConfig ?? {}, problems),
}

function keptOf(type: string | undefined, options: Options): KeptLog {
  const size = options['max-size']
  // Docker's json-file keeps one file where a size alone is given, and so as much as was asked for.
  const hasOneFile = size !== undefined && type !== 'local'
  return {
    // -1 is Docker's word for «never rotate», the monitor's is 0.
    maxSize: size === undefined ? DEFAULT_SIZE : size === '-1' ? 0 : parseSize(size),
    maxFiles: Number(options['max-file'] ?? (hasOneFile ? 1 : DEFAULT_FILES)),
  }
}

function checkLogging({ Type = '', Config = {} }: NonNullable<Given['LogConfig']>, problems: Problems): void {
  if (Type === 'none') return
  const driver = Type || DEFAULT_DRIVER
  const known = OPTIONS[driver]
  if (known === undefined) {
    const hint = 'drivers are json-file, local and none'
    problems.add('LOG_DRIVER', 'HostConfig.LogConfig', `log driver "${Type}" does not exist`, {
      hint,
      facts: { driver: Type },
    })
    return
  }
  const wrong = (summary: string, facts: Facts): void =>
    problems.add('LOG_OPTION', 'HostConfig.LogConfig', summary, { facts })
  for (const [option, value] of Object.entries(Config)) {
    const [pattern, want] = VALUES[option] ?? []
    if (!known.includes(option))
      wrong(`option "${option}" is not one of log driver "${driver}"`, { rule: 'unknown', option, driver })
    else if (pattern?.test(value) === false) wrong(`${option} "${value}" is ${want}`, { rule: option, value })
  }
  if (Config['max-buffer-size'] !== undefined && Config['mode'] !== 'non-blocking')
    wrong('max-buffer-size goes with mode non-blocking only', {})
}
