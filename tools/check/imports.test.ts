import { existsSync, readdirSync } from 'node:fs'
import { expect, test } from 'vitest'
import { checkCycles } from './cycles.ts'
import { ALLOWED, checkImports } from './imports.ts'
import { listFiles, type Module, moduleOf } from './modules.ts'

const file = (path: string, ...lines: string[]): Module => moduleOf(path, lines.join('\n'))

test('all ways of importing are seen', () => {
  const { imports, packages } = file(
    'src/executor/a.ts',
    "import { join } from 'node:path'",
    'import {',
    '  type B,',
    '  c,',
    "} from '../planner/b.ts'",
    "export * from './c.ts'",
    "export type { D } from '../model/d.ts'",
    "import './e.ts'",
    "const late = await import('../cli/f.ts')",
    "type G = import('../graph/g.ts').G",
  )
  expect(imports).toEqual([
    'src/planner/b.ts',
    'src/executor/c.ts',
    'src/model/d.ts',
    'src/executor/e.ts',
    'src/cli/f.ts',
    'src/graph/g.ts',
  ])
  expect(packages).toEqual(['node:path'])
})

test('an import that the table does not list is a problem', () => {
  expect(checkImports([file('src/planner/plan.ts', "import { x } from '../client/index.ts'")])).toHaveLength(
    1,
  )
  expect(checkImports([file('src/engine/a.ts', "import type { X } from '../model/index.ts'")])).toHaveLength(
    1,
  )
  expect(checkImports([file('src/client/a.ts', "import { x } from '../api/server/index.ts'")])).toHaveLength(
    1,
  )
  expect(checkImports([file('src/engine/a.ts', "import { x } from '../api/server/index.ts'")])).toHaveLength(
    1,
  )
  expect(checkImports([file('src/image/a.ts', "const x = await import('../network/b.ts')")])).toHaveLength(1)
})

test('what the table lists, and the own folder, may be imported', () => {
  const planner = file(
    'src/planner/a.ts',
    "import { x } from '../model/index.ts'",
    "import { y } from './spec/y.ts'",
  )
  expect(checkImports([planner, file('src/client/a.ts', "import { x } from '../api/routes.ts'")])).toEqual([])
})

test('a folder that nobody owns is a problem', () => {
  expect(checkImports([file('src/utils/a.ts')])).toHaveLength(1)
})

test('a pure folder may import no I/O', () => {
  expect(checkImports([file('src/planner/a.ts', "import { readFileSync } from 'node:fs'")])).toHaveLength(1)
  expect(
    checkImports([file('src/graph/a.ts', "import { setTimeout } from 'node:timers/promises'")]),
  ).toHaveLength(1)
  const below = ['src/planner/core/a.ts', 'src/engine/terms/a.ts']
  for (const path of below)
    expect(checkImports([file(path, "import { readFileSync } from 'node:fs'")])).toHaveLength(1)
  expect(checkImports([file('src/planner/a.ts', "import { createHash } from 'node:crypto'")])).toEqual([])
})

test('a cycle is told as its chain, once', () => {
  const modules = [
    file('src/graph/a.ts', "import { b } from './b.ts'"),
    file('src/graph/b.ts', "import { c } from './c.ts'"),
    file('src/graph/c.ts', "import type { A } from './a.ts'"),
    file('src/graph/d.ts', "import { a } from './a.ts'"),
  ]
  expect(checkCycles(modules)).toEqual([
    'import cycle: src/graph/a.ts -> src/graph/b.ts -> src/graph/c.ts -> src/graph/a.ts',
  ])
  expect(checkCycles(modules.slice(0, 2))).toEqual([])
})

test('every folder of src has its line in the table, and every line a folder', () => {
  const folders = readdirSync('src', { withFileTypes: true })
    .filter(entry => entry.isDirectory())
    .map(entry => `src/${entry.name}`)
  expect(folders.filter(folder => !(folder in ALLOWED))).toEqual([])
  expect(Object.keys(ALLOWED).filter(path => !existsSync(path))).toEqual([])
})

test('no folder of sources is called build, as what tools make is', () => {
  expect(listFiles('src', ['.ts']).filter(path => path.includes('/build/'))).toEqual([])
  expect(listFiles('native', ['.c', '.h']).filter(path => path.startsWith('native/build/'))).toEqual([])
})
