import { expect, test } from 'vitest'
import type { ContainerState } from '../api/types/index.ts'
import { exitText, oomCell, oomOfEvent, oomText } from './oom-text.ts'

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

test('an event tells the same, in attributes', () => {
  const attributes = {
    victim: 'php',
    peak: `${MIB}`,
    limit: `${MIB}`,
    elsewhere: 'true',
    budget: 'shop',
    others: `shop-db-1=${2 * MIB} shop-c-1=0`,
  }
  expect(oomText(oomOfEvent({ ...attributes, name: 'shop-web-1' }))).toBe(
    'php was killed for want of memory (peak 1 MiB, limit 1 MiB, by the limit of the project shop, shop-db-1 has 2 MiB, shop-c-1 has 0 MiB)',
  )
  expect(oomOfEvent({ name: 'shop-web-1' })).toEqual({})
})

test('an exit for want of memory is told apart from another with the same code', () => {
  const state = { ExitCode: 137, OOMKilled: false } as ContainerState
  expect(exitText(state)).toBe('exited (137)')
  const report = { Victim: 'php', Limit: MIB }
  expect(exitText({ ...state, OOMKilled: true, TscomposeOom: report })).toBe(
    'exited (137): php was killed for want of memory (limit 1 MiB)',
  )
})
