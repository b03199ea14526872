import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { lookUp } from './lookup.ts'

let folder: string
const at = (...parts: string[]): string => join(folder, ...parts)
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tsc-archive-'))
  for (const name of ['top/a', 'low/a/b', 'low/only', 'out']) mkdirSync(at(name), { recursive: true })
  writeFileSync(at('top/a/f'), 'top')
  writeFileSync(at('low/a/f'), 'lower one')
  writeFileSync(at('low/a/b/g'), 'g')
  symlinkSync('/only', at('top/abs'))
  symlinkSync('../../../../etc', at('low/only/up'))
  symlinkSync('loop', at('top/loop'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const find = (path: string, follow = false): ReturnType<typeof lookUp> =>
  lookUp([at('top'), at('low')], path, follow)

test('layers are seen as one root', () => {
  expect(find('/a/f')?.stats.size).toBe(3)
  expect(find('/a/b/g')?.path).toBe('/a/b/g')
  expect(find('/a')?.stats.isDirectory()).toBe(true)
  expect(find('/')?.path).toBe('/')
  expect(find('/a/none')).toBeUndefined()
  expect(find('/a/f/x')).toBeUndefined()
})

test('links lead inside the root only', () => {
  expect(find('/abs')).toMatchObject({ linkTarget: '/only', path: '/abs' })
  expect(find('/abs', true)?.path).toBe('/only')
  expect(find('/../../a/f')?.path).toBe('/a/f')
  expect(find('/only/up/passwd', true)).toBeUndefined()
  expect(() => find('/loop', true)).toThrow(expect.objectContaining({ code: 'PATH_LOOP' }))
})
