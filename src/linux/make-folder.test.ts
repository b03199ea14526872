import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { makeFolder } from './make-folder.ts'

const top = mkdtempSync(join(tmpdir(), 'make-folder-'))
afterAll(() => rmSync(top, { recursive: true }))

test('makes what is missing, and leaves what is there', () => {
  makeFolder(join(top, 'a/b/c'), 0o700)
  expect(statSync(join(top, 'a/b/c')).mode & 0o777).toBe(0o700)
  makeFolder(join(top, 'a/b/c'), 0o755)
  expect(statSync(join(top, 'a/b/c')).mode & 0o777).toBe(0o700)
})

test('a place that takes no folders, or has a file in the way, is an error and no endless trying', () => {
  writeFileSync(join(top, 'file'), '')
  for (const path of ['/proc/x', '/proc/x/y', join(top, 'file'), join(top, 'file/below')])
    expect(() => makeFolder(path, 0o700)).toThrow(expect.objectContaining({ code: 'FOLDER_UNUSABLE' }))
})
