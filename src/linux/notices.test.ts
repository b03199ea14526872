import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Diagnostic } from '../diagnostics/index.ts'
import { keepNotice } from './keep-notice.ts'
import { waitingNotices } from './notices.ts'

let folder: string
beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), 'tscompose-notices-')), 'notices')
})
afterEach(() => rmSync(join(folder, '..'), { recursive: true }))

const notice = (summary: string): Diagnostic => ({ severity: 'warning', code: 'LIMIT_LOST', summary })

test('a notice waits until it has been read, and then is told to nobody', () => {
  expect(waitingNotices(folder)).toEqual([])
  keepNotice(folder, notice('a'))
  expect(waitingNotices(folder).map(({ diagnostic }) => diagnostic)).toEqual([notice('a')])
  const [first] = waitingNotices(folder)
  first?.done()
  first?.done()
  expect(waitingNotices(folder)).toEqual([])
})

test('the same one waits once, and no more than anybody reads', () => {
  for (let index = 0; index < 3; index++) keepNotice(folder, notice('a'))
  expect(waitingNotices(folder)).toHaveLength(1)
  for (let index = 0; index < 200; index++) keepNotice(folder, notice(`n${index}`))
  expect(waitingNotices(folder)).toHaveLength(50)
})

test('what is no notice is passed over', () => {
  keepNotice(folder, notice('a'))
  writeFileSync(join(folder, 'torn.json'), '{"code"')
  writeFileSync(join(folder, 'other.json'), '[]')
  writeFileSync(join(folder, 'x.json.1.tmp'), '{}')
  expect(waitingNotices(folder)).toHaveLength(1)
})
