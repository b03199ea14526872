import { expect, test } from 'vitest'
import { selectCommit } from './refs.ts'

const LISTING = [
  '1\tHEAD',
  '2\trefs/heads/main',
  '3\trefs/heads/old/v1',
  '4\trefs/heads/v2',
  '5\trefs/pull/7/head',
  '6\trefs/tags/v1',
  '7\trefs/tags/v1^{}',
  '8\trefs/tags/v2',
].join('\n')

test.each([
  ['HEAD', '1'],
  ['main', '2'],
  ['refs/heads/main', '2'],
  ['v1', '7'],
  ['v2', '4'],
  ['pull/7/head', '5'],
  ['head', '5'],
  ['none', undefined],
])('%s is %s', (ref, commit) => {
  expect(selectCommit(LISTING, ref)).toBe(commit)
})
