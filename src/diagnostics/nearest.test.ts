import { expect, test } from 'vitest'
import { nearest } from './nearest.ts'

test.each([
  ['imgae', ['image', 'init'], 'image'],
  ['Comand', ['Command', 'CreatedAt'], 'Command'],
  ['depends-on', ['depends_on'], 'depends_on'],
  ['xyz', ['image'], undefined],
  ['a', ['b'], undefined],
])('%s among %j', (word, candidates, found) => {
  expect(nearest(word, candidates)).toBe(found)
})
