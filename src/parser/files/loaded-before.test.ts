import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { LoadResult, OpenOptions } from '../contract.ts'
import { loadUnlessSame } from './loaded-before.ts'
import { openProject } from './open.ts'

let folder: string
let loads: number

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'loaded-'))
  loads = 0
  write('compose.yaml', 'services: {a: {image: "${IMAGE}", env_file: [{path: a.env, required: false}]}}')
  write('.env', 'IMAGE=one')
})
afterEach(() => rmSync(folder, { recursive: true }))

function write(name: string, text: string): void {
  writeFileSync(join(folder, name), text)
}

function load(options: Partial<OpenOptions> = {}): LoadResult {
  return loadUnlessSame({ cwd: folder, env: {}, keepsLast: true, ...options }, given => {
    loads += 1
    return openProject(given)
  })
}

const loadsOf = (options: Partial<OpenOptions> = {}): number => {
  const before = loads
  load(options)
  return loads - before
}

test('files that say the same are loaded once, whoever has written them since', () => {
  const first = load()
  expect(first.project?.model.services['a']?.image).toBe('one')
  write('.env', 'IMAGE=one')
  expect(load()).toBe(first)
  expect(loads).toBe(1)
})

const CHANGES: readonly (readonly [string, () => void, Partial<OpenOptions>])[] = [
  ['the Compose file is another', () => write('compose.yaml', 'services: {b: {image: x}}'), {}],
  ['a variable is another in .env', () => write('.env', 'IMAGE=two'), {}],
  ['a variable is another in the environment', () => undefined, { env: { IMAGE: 'three' } }],
  ['a file is there that was looked for', () => write('a.env', 'X=1'), {}],
  ['a file comes that would be merged', () => write('compose.override.yaml', 'services: {}'), {}],
  ['a file has gone', () => rmSync(join(folder, '.env')), {}],
  ['other services are asked for', () => undefined, { services: ['a'] }],
  ['it is asked for in another way', () => undefined, { options: { interpolate: false } }],
]

test.each(CHANGES)('they are loaded again where %s', (_what, change, options) => {
  load()
  change()
  expect(loadsOf(options)).toBe(1)
})

test('what can be read once alone is never remembered', () => {
  const stdin = () => 'services: {a: {image: x}}'
  expect([loadsOf({ files: ['-'], stdin }), loadsOf({ files: ['-'], stdin })]).toEqual([1, 1])
  load()
  // A pipe has taken the place of a file that was not there: nobody reads it to find out.
  execFileSync('mkfifo', [join(folder, 'compose.override.yml')])
  rmSync(join(folder, 'compose.override.yml'))
  mkdirSync(join(folder, 'a.env'))
  expect(loadsOf()).toBe(0)
})

test('who does not ask for that is given one of his own', () => {
  const first = load({ keepsLast: false })
  expect(load({ keepsLast: false })).not.toBe(first)
})

test('what was wrong is told again', () => {
  write('compose.yaml', 'services: {a: {image: 1, nonsense: 2}}')
  expect(load().diagnostics).not.toEqual([])
  expect(loadsOf()).toBe(1)
})
