import { expect, test } from 'vitest'
import type { HealthConfig } from '../../api/types/index.ts'
import { termsOf } from './index.ts'
import { refusals } from './refusals.test-support.ts'
import { unsupportedWarnings } from './without-effect.ts'

test("has Docker's defaults, and the shell of the container", () => {
  expect(termsOf({ Healthcheck: { Test: ['CMD-SHELL', 'true'] } }, {}).health).toEqual({
    check: ['/bin/sh', '-c', 'true'],
    interval: 30_000,
    timeout: 30_000,
    startPeriod: 0,
    startInterval: 5_000,
    retries: 3,
  })
  const Healthcheck = { Test: ['CMD', 'a', 'b'], Interval: 5e8 }
  expect(termsOf({ Healthcheck, Shell: ['bash'] }, {}).health).toMatchObject({
    check: ['a', 'b'],
    interval: 500,
  })
})

test('there is none without a command, and none that is turned off', () => {
  expect(termsOf({ Healthcheck: { Test: ['NONE'] } }, {}).health).toBeUndefined()
  expect(termsOf({ Healthcheck: { Test: [] } }, {}).health).toBeUndefined()
  expect(termsOf({}, {}).health).toBeUndefined()
  const unknown = { Healthcheck: { Test: ['true', 'x'] } }
  expect(termsOf(unknown, {}).health).toBeUndefined()
  expect(unsupportedWarnings(unknown)).toEqual([expect.stringContaining('"true"')])
})

test.each<[HealthConfig, string]>([
  [{ Interval: 999_999 }, 'Interval'],
  [{ Timeout: -1 }, 'Timeout'],
  [{ StartPeriod: 1 }, 'StartPeriod'],
  [{ StartInterval: 1 }, 'StartInterval'],
  [{ Retries: -1 }, 'Retries'],
])('%j is refused', (Healthcheck, field) => {
  expect(refusals({ Healthcheck }, {})).toEqual([`HEALTHCHECK_INVALID Healthcheck.${field}`])
})
