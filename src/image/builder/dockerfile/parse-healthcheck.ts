import { parseDuration } from '../../../notation/index.ts'
import type { HealthConfig } from '../../config.ts'
import { commandOf } from './command.ts'
import type { Flag, Instruction } from './instruction.ts'
import { type FlagKinds, type ParseInput, type Problem, problem } from './parse-flags.ts'
import { SPACES } from './words.ts'

const DURATIONS: Readonly<Record<string, keyof HealthConfig>> = {
  interval: 'Interval',
  timeout: 'Timeout',
  'start-period': 'StartPeriod',
  'start-interval': 'StartInterval',
}

/** Flags of HEALTHCHECK. */
export const HEALTH_FLAGS: FlagKinds = {
  ...Object.fromEntries(Object.keys(DURATIONS).map(name => [name, 'text' as const])),
  retries: 'text',
}

const PARTS = new RegExp(`^([^${SPACES}]+)[${SPACES}]*(.*)$`, 's')
/** Docker measures no shorter times. */
const SHORTEST_NS = 1_000_000
const MOST_RETRIES = 2_147_483_647

/** HEALTHCHECK NONE, or CMD with a command in either form. */
export function parseHealthcheck({ base, flags, rest }: ParseInput): Instruction | Problem {
  const [, kind = '', text = ''] = PARTS.exec(rest) ?? []
  if (kind.toUpperCase() === 'NONE' && text === '') {
    return { ...base, keyword: 'HEALTHCHECK', health: { Test: ['NONE'] } }
  }
  const command = commandOf(text)
  const isEmpty = text === '' || (command.form === 'exec' && command.argv.length === 0)
  if (kind.toUpperCase() !== 'CMD' || isEmpty) {
    return problem(
      'DOCKERFILE_HEALTHCHECK',
      `got "HEALTHCHECK ${rest}", want HEALTHCHECK NONE or CMD command`,
    )
  }
  const options = flags.map(optionOf)
  const wrong = options.find(option => 'code' in option)
  if (wrong !== undefined && 'code' in wrong) return wrong
  const Test = command.form === 'exec' ? ['CMD', ...command.argv] : ['CMD-SHELL', command.line]
  return { ...base, keyword: 'HEALTHCHECK', health: Object.assign({ Test }, ...options) }
}

function optionOf({ name, value = '' }: Flag): HealthConfig | Problem {
  if (name === 'retries') {
    const retries = /^[+-]?\d+$|^$/.test(value) ? Number(value) : Number.NaN
    if (retries === 0) return {}
    if (retries > 0 && retries <= MOST_RETRIES) return { Retries: retries }
    return problem('DOCKERFILE_HEALTHCHECK', `got --retries=${value}, want a number up to ${MOST_RETRIES}`)
  }
  const field = DURATIONS[name]
  if (value === '' || value === '0' || field === undefined) return {}
  const nanoseconds = parseDuration(value)
  if (nanoseconds === 0) return {}
  if (nanoseconds !== undefined && nanoseconds >= SHORTEST_NS) return { [field]: nanoseconds }
  if (nanoseconds !== undefined)
    return problem('DOCKERFILE_HEALTHCHECK', `got --${name}=${value}, want 1ms at least`)
  return problem('DOCKERFILE_HEALTHCHECK', `got --${name}=${value}, want a duration such as 30s`)
}
