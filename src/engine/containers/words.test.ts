import { expect, test } from 'vitest'
import { checkName } from '../terms/name.ts'
import { parseSignal } from '../terms/signals.ts'
import { parseSize } from '../words/sizes.ts'
import { nanoTime } from '../words/timestamps.ts'
import { randomName } from './create/create.ts'

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

test.each(['web', '/web', 'a.b-c_1', 'A0'])('name %s is allowed', name => {
  expect(checkName('container', name)).toBe(name.replace('/', ''))
})

test.each([
  '',
  'a',
  '-a',
  '../../evil',
  'a b',
  'a/b',
  'a\n',
  `a${'b'.repeat(300)}`,
])('name %j is not', name => {
  expect(() => checkName('container', name)).toThrow(expect.objectContaining({ code: 'NAME_INVALID' }))
})

test('an invented name is free and allowed', () => {
  const taken = new Set<string>()
  for (let count = 0; count < 2000; count++) {
    const name = randomName(each => taken.has(each))
    expect(taken.has(name)).toBe(false)
    taken.add(checkName('container', name))
  }
})

test('sizes and times', () => {
  expect([parseSize('64m'), parseSize('1.5k'), parseSize('10'), parseSize('1gb'), parseSize('1GiB')]).toEqual(
    [64 << 20, 1536, 10, 2 ** 30, 2 ** 30],
  )
  expect(() => parseSize('many')).toThrow(expect.objectContaining({ code: 'SIZE_INVALID' }))
  expect(nanoTime(1_700_000_000_000_000_001n)).toBe('2023-11-14T22:13:20.000000001Z')
  expect(nanoTime(1_700_000_000_000_000_000n)).toBe('2023-11-14T22:13:20Z')
})
