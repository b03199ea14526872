import { expect, test } from 'vitest'
import { oomCell, oomText } from './oom-text.ts'

const MIB = 2 ** 20

test('who was killed for want of memory is told with what was used, and the limit', () => {
  const report = { Victim: 'mysqld', Pid: 7, Peak: 256 * MIB, Limit: 256.5 * MIB }
  expect(oomText(report)).toBe('mysqld was killed for want of memory (peak 256 MiB, limit 256.5 MiB)')
  expect(oomCell(report)).toBe('mysqld, peak 256 MiB, limit 256.5 MiB')
})

test('and where the limit is a budget, with what the others have of it', () => {
  const report = { Limit: MIB, Elsewhere: true, Budget: 'shop', Others: { 'shop-db-1': 2 * MIB } }
  expect(oomCell(report)).toBe(
    'a process, limit 1 MiB, by the limit of the project shop, shop-db-1 has 2 MiB',
  )
})

test('where nothing is known but that it happened, that is told', () => {
  expect([oomText(), oomCell({})]).toEqual(['a process was killed for want of memory', 'a process'])
})
