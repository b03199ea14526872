import { expect, test } from 'vitest'
import { redraw } from './view.ts'

test('a frame is drawn over the one before, and never wraps or scrolls', () => {
  expect(redraw('a\nbbbbbb\n', { columns: 4, rows: 24 })).toBe('\x1b[Ha\x1b[K\nbbb…\x1b[K\n\x1b[J')
  expect(redraw('head\n1\n2\n3\n4\n', { columns: 80, rows: 4 })).toBe(
    '\x1b[Hhead\x1b[K\n1\x1b[K\n… 3 more\x1b[K\n\x1b[J',
  )
})
