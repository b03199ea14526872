import { expect, test } from 'vitest'
import { groupTerm } from './group.ts'
import { refusals } from './refusals.test-support.ts'

test.each([
  ['', undefined],
  ['/', undefined],
  ['/shop/back', 'shop/back'],
  ['shop.slice', 'shop.slice'],
])('the parent %j is %j', (given, parent) => {
  expect(groupTerm.read({ CgroupParent: given }).parent).toBe(parent)
  expect(refusals({}, { CgroupParent: given })).toEqual([])
})

test.each([
  '../x',
  '/a/../../x',
  '.',
  'a b',
  'a\nb',
  'memory.max',
  'c'.repeat(64),
  'é',
  'a/'.repeat(9),
  'x'.repeat(256),
])('the parent %j is none', given => {
  expect(refusals({}, { CgroupParent: given }).map(each => each.split(' ')[0])).toEqual(['CGROUP_PARENT'])
  expect(groupTerm.read({ CgroupParent: given }).parent).toBeUndefined()
})
