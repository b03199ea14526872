import { closeSync, openSync, readdirSync } from 'node:fs'
import { expect, test } from 'vitest'
import { openAbove } from './sealed.ts'

test('a descriptor is out of the way of those that a child is given', () => {
  const lowest = openSync('/dev/null', 'r')
  closeSync(lowest)
  const before = readdirSync('/proc/self/fd').length
  const fd = openAbove('/dev/null', lowest + 3)
  expect(fd).toBeGreaterThanOrEqual(lowest + 3)
  expect(readdirSync('/proc/self/fd')).toHaveLength(before + 1)
  closeSync(fd)
})
