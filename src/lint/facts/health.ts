import type { HealthCheck, Service } from '../../model/index.ts'

/** True for a check that says that there is none. */
export function isSwitchedOff({ disable, test }: HealthCheck): boolean {
  return disable === true || test?.[0] === 'NONE'
}

/** True where the file gives a service a check, or a probe of ours; the image may have one of its own. */
export function hasCheck({ healthcheck: health, 'x-tscompose': own }: Partial<Service> = {}): boolean {
  if (own?.probe !== undefined) return true
  return health?.test !== undefined && health.test.length > 0 && !isSwitchedOff(health)
}
