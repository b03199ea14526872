import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { MEMORY } from './start-engine.ts'

// V8 refuses a code cache without a word where any flag is another one than when it was written: programs would start at half the speed.

/** Counts the scripts that are compiled with a cache, and those whose cache is refused. */
const HOOK = `
const vm = require('node:vm')
const counts = { cached: 0, refused: 0 }
vm.Script = class extends vm.Script {
  constructor(source, options) {
    super(source, options)
    if (options.cachedData) counts.cached += 1
    if (this.cachedDataRejected) counts.refused += 1
  }
}
process.on('exit', () => process.stderr.write(JSON.stringify(counts)))
`

let folder: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tsc-caches-'))
  writeFileSync(join(folder, 'hook.cjs'), HOOK)
})
afterAll(() => rmSync(folder, { recursive: true }))

test.each([
  ['the engine, whose heap is limited by a flag', [...MEMORY, 'bin/start.cjs', 'engine', '--check']],
  ['a command', ['bin/tscompose', 'schema']],
])('%s is run from its caches', (_name, words) => {
  const { stderr } = spawnSync(process.execPath, ['--require', join(folder, 'hook.cjs'), ...words], {
    encoding: 'utf8',
    env: { HOME: folder },
  })
  const { cached, refused } = JSON.parse(stderr)
  expect(cached).toBeGreaterThan(1)
  expect(refused).toBe(0)
})
