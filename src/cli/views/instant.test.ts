import { expect, test } from 'vitest'
import { isoTime, localClock, localDay } from './instant.ts'

test('a moment is told in UTC for programs, and by the clock on the wall for people', () => {
  const instant = { seconds: new Date(2026, 0, 2, 3, 4, 5).getTime() / 1000, microseconds: 607 }
  expect([localDay(instant), localClock(instant)]).toEqual(['2026-01-02', '03:04:05.000607'])
  expect(isoTime({ seconds: 1_767_323_045, microseconds: 607 })).toBe('2026-01-02T03:04:05.000607Z')
})
