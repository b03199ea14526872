import { expect, test } from 'vitest'
import { treeFilter } from './filter.ts'

const context = { folder: '/project', ignore: '*.log\nsrc/secret\n!keep.log' }

test.each([
  ['a.js', true],
  ['deep/a.js', true],
  ['.git', false],
  ['deep/.git/index', false],
  ['.a.js.swp', false],
  ['4913', false],
  ['a.js~', false],
  ['#a.js#', false],
  ['.idea/workspace.xml', false],
  ['ignored/a.js', false],
  ['secret/key', false],
  ['.github/workflows', true],
])('%s counts: %s', (path, counts) => {
  expect(treeFilter({ root: '/project/src', ignore: ['ignored/'], include: [], context }).takes(path)).toBe(
    counts,
  )
})

test('rules of the context hold for what is in it alone', () => {
  const filter = treeFilter({ root: '/elsewhere', ignore: [], include: [], context })
  expect(filter.takes('a.log')).toBe(true)
  const whole = treeFilter({ root: '/project', ignore: [], include: [], context })
  expect([
    whole.takes('a.log'),
    whole.takes('keep.log'),
    whole.prunes('src/secret'),
    whole.prunes('src'),
  ]).toEqual([false, true, true, false])
})
