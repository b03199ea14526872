import type { HealthConfig } from '../../api/types/index.ts'
import type { HealthCheck, ProbeRequest } from '../../model/index.ts'
import { PROBE_KINDS, parseDuration } from '../../notation/index.ts'
import { compact, type RequestInput, unsupported } from './input.ts'

/**
 * The health check, durations in nanoseconds; undefined leaves the image's. A probe of ours takes the place of the test, and
 * its times of those of `healthcheck`, which is what other engines and other tools go by.
 */
export function healthConfig(input: RequestInput): HealthConfig | undefined {
  const { healthcheck, 'x-tscompose': { probe } = {} } = input.operation.service
  if (probe === undefined) return healthcheck && ownCheck(healthcheck)
  if (input.foreignEngine === true) {
    input.warn(unsupported(input, ['x-tscompose', 'probe'], 'only our own engine has probes'))
    if (healthcheck?.test !== undefined) return ownCheck(healthcheck)
  }
  return { ...(healthcheck && times(healthcheck)), ...times(probe), Test: testOf(probe) }
}

function ownCheck(healthcheck: HealthCheck): HealthConfig {
  if (healthcheck.disable === true) return { Test: ['NONE'] }
  return compact<HealthConfig>({ Test: healthcheck.test, ...times(healthcheck) })
}

function times(of: Omit<HealthCheck, 'test' | 'disable'>): HealthConfig {
  const duration = (text: string | undefined): number | undefined =>
    text === undefined ? undefined : parseDuration(text)
  return compact<HealthConfig>({
    Interval: duration(of.interval),
    Timeout: duration(of.timeout),
    StartPeriod: duration(of.start_period),
    StartInterval: duration(of.start_interval),
    Retries: of.retries,
  })
}

/** The loader has seen to it that there is one. */
function testOf(probe: ProbeRequest): readonly string[] {
  const kind = PROBE_KINDS.find(each => probe[each] !== undefined)
  return kind === undefined ? ['NONE'] : ['PROBE', kind, probe[kind] ?? '']
}
