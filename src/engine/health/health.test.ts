import { expect, test } from 'vitest'
import { termsOf } from '../terms/index.ts'
import { afterResult, intervalOf } from './state.ts'

const result = (ExitCode: number) => ({ Start: '', End: '', ExitCode, Output: '' })
const fresh = { status: 'starting' as const, failingStreak: 0, log: [] }
const late = { retries: 2, inStartPeriod: false }

test('one success makes healthy, the number of retries unhealthy', () => {
  expect(afterResult(fresh, result(0), late).status).toBe('healthy')
  const once = afterResult(fresh, result(1), late)
  expect(once).toMatchObject({ status: 'starting', failingStreak: 1 })
  const twice = afterResult(once, result(1), late)
  expect(twice).toMatchObject({ status: 'unhealthy', failingStreak: 2 })
  expect(afterResult(twice, result(0), late)).toMatchObject({ status: 'healthy', failingStreak: 0 })
})

test('in the start period failures do not count until the first success', () => {
  const early = { retries: 1, inStartPeriod: true }
  expect(afterResult(fresh, result(1), early)).toMatchObject({ status: 'starting', failingStreak: 0 })
  const healthy = afterResult(fresh, result(0), early)
  expect(afterResult(healthy, result(1), early).status).toBe('unhealthy')
})

test('five results are remembered', () => {
  let state: ReturnType<typeof afterResult> = fresh
  for (let exit = 1; exit <= 7; exit++) state = afterResult(state, result(exit), late)
  expect(state.log.map(each => each.ExitCode)).toEqual([3, 4, 5, 6, 7])
})

test('probes are quick in the start period until the first success, and never after it', () => {
  const Healthcheck = { Test: ['CMD', 'a'], Interval: 10e9, StartPeriod: 60e9, StartInterval: 0.2e9 }
  const plan = termsOf({ Healthcheck }, {}).health
  if (plan === undefined) throw new Error('no plan')
  expect(intervalOf(plan, 'starting', 0)).toBe(200)
  expect(intervalOf(plan, 'starting', 60_000)).toBe(10_000)
  expect(intervalOf(plan, 'healthy', 1)).toBe(10_000)
  expect(intervalOf(plan, 'unhealthy', 1)).toBe(10_000)
})

test('a probe of ours is a check; one that asks nothing sensible is none', () => {
  const check = (Test: string[]): unknown => termsOf({ Healthcheck: { Test } }, {}).health?.check
  expect(check(['PROBE', 'tcp', '3306'])).toEqual({ kind: 'tcp', port: 3306 })
  expect(check(['PROBE', 'log', 'ready'])).toEqual({ kind: 'log', text: 'ready' })
  expect(check(['PROBE', 'tcp', 'db'])).toBeUndefined()
  expect(check(['CMD', 'a', 'b'])).toEqual(['a', 'b'])
})
