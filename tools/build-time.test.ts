import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { buildTimeOf } from './build-time.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'build-time-'))
  writeFileSync(join(folder, 'package.json'), '{}')
  utimesSync(join(folder, 'package.json'), 1_000_000_000.5, 1_000_000_000.5)
})
afterEach(() => rmSync(folder, { recursive: true }))

test('whoever builds says when, or else the commit does', () => {
  expect(buildTimeOf('.', { SOURCE_DATE_EPOCH: '1700000000' })).toBe('2023-11-14T22:13:20.000000000+00:00')
  expect(buildTimeOf(folder, { SOURCE_DATE_EPOCH: '0' })).toBe('1970-01-01T00:00:00.000000000+00:00')
  expect(buildTimeOf('.', {})).toBe(buildTimeOf('.', { SOURCE_DATE_EPOCH: '' }))
})

test('without a repository it is the time of package.json, also below another', () => {
  const time = '2001-09-09T01:46:40.000000000+00:00'
  expect(buildTimeOf(folder, {})).toBe(time)
  expect(buildTimeOf(folder, { SOURCE_DATE_EPOCH: 'yesterday' })).toBe(time)
  mkdirSync(join(folder, '.git'))
  expect(buildTimeOf(folder, {})).toBe(time)
})
