import { expect, test } from 'vitest'
import { termsOf } from './index.ts'
import { refusals } from './refusals.test-support.ts'

const limit = (Name: string, Soft: number, Hard: number) => ({ Ulimits: [{ Name, Soft, Hard }] })

test('are the rlimits of every process', () => {
  expect(termsOf({}, limit('nproc', 1, 2)).ulimits).toEqual([{ name: 'nproc', soft: 1, hard: 2 }])
})

test.each([
  ['nproc', 2, 1],
  ['nproc', -1, 1],
  ['nofile', 1, -1],
  ['nofile', 1, 1_048_577],
])('%s %i:%i is refused', (name, soft, hard) => {
  expect(refusals({}, limit(name, soft, hard))).toEqual([`ULIMIT_INVALID HostConfig.Ulimits.${name}`])
})

test.each([
  ['nproc', 1, -1],
  ['nproc', -1, -1],
  ['nofile', 1, 1_048_576],
])('%s %i:%i is taken', (name, soft, hard) => {
  expect(refusals({}, limit(name, soft, hard))).toEqual([])
})
