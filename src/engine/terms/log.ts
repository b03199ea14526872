import type { HostConfig } from '../../api/types/index.ts'
import type { Problems } from './problems.ts'

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

/** LOG_DRIVER for a driver that is not here, LOG_OPTION for an option that it has not, or a value that means nothing. */
export function checkLogging(host: HostConfig, problems: Problems): void {
  const { Type = '', Config = {} } = host.LogConfig ?? {}
  if (Type === 'none') return
  const known = OPTIONS[Type || 'json-file']
  if (known === undefined) {
    const hint = 'drivers are json-file, local and none'
    problems.add('LOG_DRIVER', 'HostConfig.LogConfig', `log driver "${Type}" does not exist`, hint)
    return
  }
  const wrong = (summary: string): void => problems.add('LOG_OPTION', 'HostConfig.LogConfig', summary)
  for (const [option, value] of Object.entries(Config)) {
    const [pattern, want] = VALUES[option] ?? []
    if (!known.includes(option)) wrong(`log driver "${Type || 'json-file'}" has no option "${option}"`)
    else if (pattern?.test(value) === false) wrong(`${option} "${value}" is ${want}`)
  }
  if (Config['max-buffer-size'] !== undefined && Config['mode'] !== 'non-blocking')
    wrong('max-buffer-size goes with mode non-blocking only')
}
