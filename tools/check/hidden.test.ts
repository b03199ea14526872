import { expect, test } from 'vitest'
import { checkHidden, readSources } from './hidden.ts'
import { moduleOf } from './modules.ts'

test('nothing of ours is hidden', () => {
  expect(checkHidden(readSources(['src', 'test', 'tools', 'bench']))).toEqual([])
})

test.each([
  ['src/engine/words/a.mts', ''],
  ['src/engine/words/a.js', ''],
  ['src/engine/words/a.spec.ts', ''],
  ['src/engine/words/__tests__/a.ts', ''],
  ['src/engine/words/a.ts', "import { createRequire } from 'node:module'"],
  ['src/engine/words/a.ts', 'const late = await import(name)'],
  ['src/engine/words/a.ts', 'const late = await import(`${folder}/x.ts`)'],
  ['src/engine/words/a.ts', "import { lab } from '../engine.test-support.ts'"],
  ['src/engine/words/a.ts', "import { lab } from '../testing/lab.ts'"],
  ['src/engine/words/a.ts', 'import { lab } from "../containers/stop.ts"'],
  ['src/planner/core/a.ts', 'export const now = Date.now()'],
  ['src/planner/core/a.ts', "export const home = process.env['HOME']"],
])('%s with %j is told', (path, text) => {
  expect(checkHidden([{ path, text }])).toHaveLength(1)
})

test.each([
  "import { a, // don't ask\n b } from '../containers/stop.ts'",
  "import { a /* isn't it */ } from '../containers/stop.ts'",
])('a comment between the names hides no import: %j', text => {
  expect(moduleOf('src/engine/words/a.ts', text).imports).toEqual(['src/engine/containers/stop.ts'])
})

test('the package reaches its own files by its name, too', () => {
  expect(moduleOf('src/engine/words/a.ts', "import { up } from 'tscompose'").imports).toEqual([
    'src/index.ts',
  ])
})
