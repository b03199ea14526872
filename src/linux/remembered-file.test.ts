import { mkdtempSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { RememberedFile } from './remembered-file.ts'

let folder: string
let path: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tsc-remembered-'))
  path = join(folder, 'file')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function replace(text: string): void {
  writeFileSync(`${path}.tmp`, text)
  renameSync(`${path}.tmp`, path)
}

test('a file is parsed once, until another is in its place', async () => {
  let parsed = 0
  const file = new RememberedFile(path, text => {
    parsed++
    return JSON.parse(text)
  })
  expect(await file.read()).toBeUndefined()
  replace('[1]')
  expect([await file.read(), await file.read(), parsed]).toEqual([[1], [1], 1])
  // Of the same length, and of the same age as far as its own time tells.
  replace('[2]')
  utimesSync(path, 1, 1)
  expect(await file.read()).toEqual([2])
  replace('[3]')
  utimesSync(path, 1, 1)
  expect(await file.read()).toEqual([3])
  rmSync(path)
  expect(await file.read()).toBeUndefined()
})

test('one that cannot be parsed is no other the next time', async () => {
  const file = new RememberedFile(path, text => JSON.parse(text))
  replace('[1]')
  await file.read()
  replace('[')
  await expect(file.read()).rejects.toThrow(SyntaxError)
  await expect(file.read()).rejects.toThrow(SyntaxError)
  replace('[4]')
  expect(await file.read()).toEqual([4])
})
