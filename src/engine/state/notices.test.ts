import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Diagnostic } from '../../diagnostics/index.ts'
import { waitingNotices } from '../../linux/notices.ts'
import { warningOf, withNotices } from './notices.ts'

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'tscompose-state-'))
})
afterEach(() => rmSync(root, { recursive: true }))

const warning = (code: string): Diagnostic => ({ severity: 'warning', code, summary: code })

test('all goes to the log, and what somebody must hear of waits for the next command', () => {
  const logged: string[] = []
  const warn = withNotices({ root }, ({ code }) => logged.push(code))
  const told = ['FIREWALL_CLOSED', 'IMAGE_RECORD_BROKEN', 'LIMIT_LOST', 'RECORD_BROKEN']
  for (const code of ['REPAIR', ...told]) warn(warning(code))
  expect(logged).toEqual(['REPAIR', ...told])
  const waiting = waitingNotices(join(root, 'notices')).map(({ diagnostic }) => diagnostic.code)
  expect(waiting.sort()).toEqual(told)
})

test('what is said of a container waits for its project, and where it is of none for nobody', () => {
  const logged: string[] = []
  const warn = withNotices({ root }, ({ summary }) => logged.push(summary))
  const of = (Labels: Record<string, string>) => ({ record: { config: { Labels } } })
  warn(warningOf(of({ 'com.docker.compose.project': 'lamp' }), { code: 'USERNS_HOST', summary: 'one' }))
  warn(warningOf(of({}), { code: 'USERNS_HOST', summary: 'two' }))
  expect(logged).toEqual(['one', 'two'])
  expect(waitingNotices(join(root, 'notices')).map(({ diagnostic }) => diagnostic)).toMatchObject([
    { summary: 'one', facts: { project: 'lamp' } },
  ])
})

test('what cannot be kept is told in the log', () => {
  writeFileSync(join(root, 'notices'), '')
  const logged: string[] = []
  withNotices({ root }, ({ code }) => logged.push(code))(warning('LIMIT_LOST'))
  expect(logged).toEqual(['LIMIT_LOST', 'NOTICE_LOST'])
})
