import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { isAlive, ownIdentity, parseIdentity, renderIdentity, startTimeOf } from './process-identity.ts'

test('this process lives; one of its number from another boot or another time does not', () => {
  const self = ownIdentity()
  expect(isAlive(self)).toBe(true)
  expect(isAlive({ ...self, startTime: 1n })).toBe(false)
  expect(isAlive({ ...self, bootId: '00000000-0000-0000-0000-000000000000' })).toBe(false)
})

test('a process that has ended has no start time', () => {
  expect(startTimeOf(spawnSync('true').pid)).toBeUndefined()
})

test('as text it is a part of a file name, and reads back as the same', () => {
  const self = ownIdentity()
  expect(renderIdentity(self)).toMatch(/^[0-9a-f]{32}-\d+-\d+$/)
  expect(parseIdentity(renderIdentity(self))).toEqual(self)
})

test.each([
  '',
  '12-34',
  'x-1-2',
  `${'0'.repeat(32)}-1-2-3`,
  `${'0'.repeat(31)}-1-2`,
])('no identity: "%s"', text => {
  expect(parseIdentity(text)).toBeUndefined()
})

test('a start time beyond what a number can hold is kept to the tick', () => {
  const old = { ...ownIdentity(), startTime: 2n ** 53n + 1n }
  expect(parseIdentity(renderIdentity(old))).toEqual(old)
})
