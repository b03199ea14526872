import { expect, test } from 'vitest'
import { checkName } from '../terms/name.ts'
import { parseSize } from '../words/sizes.ts'
import { nanoTime } from '../words/timestamps.ts'
import { randomName } from './create/create.ts'

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
