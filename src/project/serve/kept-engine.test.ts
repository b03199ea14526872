import { expect, test } from 'vitest'
import { pauseAfter } from './kept-engine.ts'

test('an engine that is killed again and again is back within two seconds, each time', () => {
  let pause = 0
  const pauses = Array.from({ length: 20 }, () => {
    pause = pauseAfter(pause, 10)
    return pause
  })
  expect(pauses.slice(0, 6)).toEqual([100, 200, 400, 800, 1_600, 2_000])
  expect(Math.max(...pauses)).toBe(2_000)
})

test('one that has stayed is started again at once', () => {
  expect(pauseAfter(2_000, 2_500)).toBe(100)
  expect(pauseAfter(0, 0)).toBe(100)
})
