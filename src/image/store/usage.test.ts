import { expect, test } from 'vitest'
import { type CacheUsage, chooseForPruning } from './usage.ts'

function step(key: string, lastUsed: number, size: number, rest: Partial<CacheUsage> = {}): CacheUsage {
  const entry = { diffId: `layer-${key}`, created: '', text: key }
  return { key: `sha256:${key}`, entry, lastUsed, size, shared: false, ...rest }
}
const USAGE = [step('b', 20, 100), step('a', 10, 50), step('c', 30, 10)]

test('without options all goes, the least recently used first', () => {
  expect(chooseForPruning(USAGE, {})).toEqual(['sha256:a', 'sha256:b', 'sha256:c'])
})

test('a budget takes as many of the least recently used as it must', () => {
  expect(chooseForPruning(USAGE, { keepBytes: 200 })).toEqual([])
  expect(chooseForPruning(USAGE, { keepBytes: 120 })).toEqual(['sha256:a'])
  expect(chooseForPruning(USAGE, { keepBytes: 20 })).toEqual(['sha256:a', 'sha256:b'])
})

test('what an image has, too, frees nothing, and what two steps made goes with the last of them', () => {
  const both = { entry: { diffId: 'same', created: '', text: '' } }
  const usage = [
    step('a', 1, 70, both),
    step('b', 2, 70, both),
    step('c', 3, 500, { shared: true }),
    step('d', 4, 9),
  ]
  expect(chooseForPruning(usage, { keepBytes: 10 })).toEqual(['sha256:a', 'sha256:b'])
})

test('only what was not used since, or is named', () => {
  expect(chooseForPruning(USAGE, { unusedSince: 20 })).toEqual(['sha256:a'])
  expect(chooseForPruning(USAGE, { ids: ['c'] })).toEqual(['sha256:c'])
})
