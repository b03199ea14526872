import { expect, test, vi } from 'vitest'
import { pauseAfter } from './patience.ts'

test('pauses grow, a half of each is chance, and none is longer than a minute', () => {
  for (let attempt = 1; attempt < 12; attempt += 1) {
    const longest = Math.min(60_000, 500 * 2 ** (attempt - 1))
    const pause = pauseAfter(attempt, undefined) ?? -1
    expect(pause).toBeGreaterThanOrEqual(longest / 2)
    expect(pause).toBeLessThanOrEqual(longest)
  }
})

test('seconds and dates are heeded, never undercut, and too long a wait is none', () => {
  vi.useFakeTimers({ now: Date.parse('2026-01-01T00:00:00Z') })
  try {
    expect(pauseAfter(1, '3')).toBeGreaterThanOrEqual(3000)
    expect(pauseAfter(1, '3')).toBeLessThanOrEqual(3300)
    expect(pauseAfter(1, 'Thu, 01 Jan 2026 00:00:20 GMT')).toBeGreaterThanOrEqual(20_000)
    expect(pauseAfter(1, 'Wed, 31 Dec 2025 00:00:00 GMT')).toBe(0)
    expect(pauseAfter(1, '3600')).toBeUndefined()
    expect(pauseAfter(1, 'soon')).toBeLessThanOrEqual(500)
  } finally {
    vi.useRealTimers()
  }
})
