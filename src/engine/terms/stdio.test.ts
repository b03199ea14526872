import { expect, test } from 'vitest'
import { termsOf } from './index.ts'

test('there is neither terminal nor stdin unless they are asked for', () => {
  expect(termsOf({}, {}).stdio).toEqual({ tty: false, openStdin: false, stdinOnce: false })
  expect(termsOf({ Tty: true, OpenStdin: true, StdinOnce: true }, { ConsoleSize: [50, 132] }).stdio).toEqual({
    tty: true,
    openStdin: true,
    stdinOnce: true,
    size: { rows: 50, cols: 132 },
  })
})

test('a size of zeroes, as clients without a terminal send it, is none', () => {
  expect(termsOf({}, { ConsoleSize: [0, 0] }).stdio.size).toBeUndefined()
})
