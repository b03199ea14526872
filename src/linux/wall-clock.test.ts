import { expect, test, vi } from 'vitest'
import { timestamp, wallClock } from './wall-clock.ts'

test('goes on between the milliseconds of the machine', () => {
  const times = Array.from({ length: 1000 }, () => wallClock())
  expect(times.every((time, index) => index === 0 || time > (times[index - 1] ?? 0n))).toBe(true)
  expect(Number(wallClock() / 1_000_000n) - Date.now()).toBeLessThan(100)
})

test('follows a clock that is set', () => {
  vi.useFakeTimers({ now: Date.UTC(2040, 0, 1), toFake: ['Date'] })
  expect(timestamp()).toMatch(/^2040-01-01T00:00:00\.0/)
  vi.useRealTimers()
  expect(timestamp().slice(0, 4)).toBe(new Date().toISOString().slice(0, 4))
})

test('is written with all digits', () => {
  expect(timestamp(1_500_000_000_000_000_010n)).toBe('2017-07-14T02:40:00.000000010Z')
})
