import { expect, test } from 'vitest'
import { checkFolders } from './folders.ts'
import { type Module, moduleOf } from './modules.ts'

const file = (path: string, ...imports: string[]): Module =>
  moduleOf(path, imports.map(target => `import { x } from '${target}'`).join('\n'))

test('folders that stand side by side and import each other are a problem, with an import for each arrow', () => {
  const modules = [
    file('src/engine/a/one.ts', '../b/two.ts'),
    file('src/engine/b/deep/three.ts', '../../a/four.ts'),
  ]
  expect(checkFolders(modules, [])).toEqual([
    [
      'folder cycle: src/engine/a -> src/engine/b -> src/engine/a',
      '  src/engine/a/one.ts imports src/engine/b/two.ts',
      '  src/engine/b/deep/three.ts imports src/engine/a/four.ts',
    ].join('\n'),
  ])
})

test('a cycle of any length is one, at any depth', () => {
  const modules = [
    file('src/image/x/a/1.ts', '../b/1.ts'),
    file('src/image/x/b/2.ts', '../c/1.ts'),
    file('src/image/x/c/2.ts', '../a/2.ts'),
  ]
  expect(checkFolders(modules, [])).toEqual([
    expect.stringMatching(/^folder cycle: src\/image\/x\/a -> .*\/b -> .*\/c -> .*\/a\n/),
  ])
  expect(checkFolders(modules.slice(0, 2), [])).toEqual([])
})

test('what a folder has itself may stand above and below its folders', () => {
  const modules = [
    file('src/image/index.ts', './store/store.ts'),
    file('src/image/store/store.ts', '../types.ts', './deep/layout.ts'),
    file('src/image/store/deep/layout.ts', '../names.ts'),
  ]
  expect(checkFolders(modules, [])).toEqual([])
})

test('an exception lets an arrow run upward, and is a problem itself when no cycle needs it', () => {
  const down = file('src/engine/a/one.ts', '../b/two.ts')
  const up = file('src/engine/b/three.ts', '../a/four.ts')
  const upward = [['src/engine/b', 'src/engine/a']] as const
  expect(checkFolders([down, up], upward)).toEqual([])
  expect(checkFolders([down], upward)).toHaveLength(1)
  expect(checkFolders([up], upward)).toHaveLength(1)
})
