import { parseDuration } from '../../notation/index.ts'
import { isSwitchedOff } from '../facts/health.ts'
import { perService, type Rule } from '../rule.ts'

const SECOND = 1e9

/** Failures for this long are patience enough without a start period. */
const PATIENT = 60

/** NO_START_PERIOD */
export const noStartPeriod: Rule = {
  code: 'NO_START_PERIOD',
  severity: 'note',
  about: 'A health check has no start_period: a slow start counts as a failure, or is noticed late',
  find: perService(function* ({ service, path }) {
    const { healthcheck: health } = service
    if (health?.test === undefined || isSwitchedOff(health) || health.start_period !== undefined) return
    const interval = health.interval === undefined ? 30 : Number(parseDuration(health.interval)) / SECOND
    const retries = health.retries || 3
    const isImpatient = interval * retries < PATIENT
    if (!isImpatient && interval < 10) return
    yield {
      path: [...path, 'healthcheck'],
      summary: isImpatient
        ? `a start that takes more than ${Math.round(interval * retries)} seconds makes the container unhealthy`
        : `the container is not healthy before ${Math.round(interval)} seconds, however quick it starts`,
      hint: 'add start_period: failures in it do not count, and checks come every start_interval, 5s by default',
    }
  }),
}
