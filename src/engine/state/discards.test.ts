// What nobody needs any more goes, at once or later.
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { discard } from './discards.ts'
import { enginePaths } from './paths.ts'

let folder: string
let warnings: string[]
const at = (...path: string[]): string => join(folder, ...path)
const remove = (...folders: string[]): Promise<void> =>
  discard({ paths: enginePaths(folder, folder), warn: ({ code }) => void warnings.push(code) }, folders)

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tscompose-discards-'))
  warnings = []
})
afterEach(() => rmSync(folder, { recursive: true }))

test('what cannot be removed keeps nothing else, is told of once, and goes when it can', async () => {
  mkdirSync(at('gone/below'), { recursive: true })
  // Nobody removes anything in /proc.
  symlinkSync('/proc/self', at('link'))
  await remove(at('link/fdinfo'), at('gone'), at('never'))
  expect([existsSync(at('gone')), warnings]).toEqual([false, ['REMOVAL_LATER']])
  await remove()
  expect([warnings.length, existsSync(at('discards.json'))]).toEqual([1, true])
  rmSync(at('link'))
  mkdirSync(at('link/fdinfo'), { recursive: true })
  await remove()
  expect([existsSync(at('link/fdinfo')), existsSync(at('discards.json'))]).toEqual([false, false])
})

test('what is mounted somewhere is not gone into', async () => {
  symlinkSync('/', at('root'))
  await remove(at('root/proc'))
  expect(warnings).toEqual(['REMOVAL_LATER'])
})
