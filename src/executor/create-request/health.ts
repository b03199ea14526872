import type { HealthConfig } from '../../api/types/index.ts'
import type { Service } from '../../model/index.ts'
import { parseDuration } from '../../notation/index.ts'
import { compact } from './input.ts'

/** The health check, durations in nanoseconds; undefined leaves the image's. */
export function healthConfig({ healthcheck }: Pick<Service, 'healthcheck'>): HealthConfig | undefined {
  if (healthcheck === undefined) return undefined
  if (healthcheck.disable === true) return { Test: ['NONE'] }
  const duration = (text: string | undefined): number | undefined =>
    text === undefined ? undefined : parseDuration(text)
  return compact({
    Test: healthcheck.test,
    Interval: duration(healthcheck.interval),
    Timeout: duration(healthcheck.timeout),
    StartPeriod: duration(healthcheck.start_period),
    StartInterval: duration(healthcheck.start_interval),
    Retries: healthcheck.retries,
  })
}
