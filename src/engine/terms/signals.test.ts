import { expect, test } from 'vitest'
import { parseSignal } from './signals.ts'

test.each([
  ['SIGTERM', 15],
  ['term', 15],
  ['9', 9],
  ['SIGRTMIN+3', 37],
  ['RTMAX-1', 63],
])('signal %s is %i', (text, number) => {
  expect(parseSignal(text)).toBe(number)
})

test.each(['', 'SIGNOPE', '0', '65', '-1', 'RTMIN+40', '99'])('signal %j does not exist', text => {
  expect(() => parseSignal(text)).toThrow(expect.objectContaining({ code: 'SIGNAL_INVALID' }))
})
