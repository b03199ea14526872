import { expect, test } from 'vitest'
import { type Module, moduleOf } from './modules.ts'
import { checkSmallFiles, FILE_FLOOR } from './small-files.ts'

const file = (path: string, ...imports: string[]): Module =>
  moduleOf(path, imports.map(target => `import { x } from '${target}'`).join('\n'))
const small = (...modules: Module[]): string[] => checkSmallFiles(modules, () => FILE_FLOOR - 1)

test('a small file with one importer beside it joins it', () => {
  const modules = [file('src/tar/a.ts'), file('src/tar/b.ts', './a.ts')]
  expect(small(...modules)).toEqual([
    expect.stringMatching(/^src\/tar\/a\.ts: 24 lines, and src\/tar\/b\.ts alone/),
  ])
  expect(checkSmallFiles(modules, () => FILE_FLOOR)).toEqual([])
})

test('one that two files import, or nobody, does not', () => {
  expect(small(file('src/tar/a.ts'), file('src/tar/b.ts', './a.ts'), file('src/tar/c.ts', './a.ts'))).toEqual(
    [],
  )
  expect(small(file('src/cli/main.ts'))).toEqual([])
})

test.each([
  ['a member of a table', 'src/lint/rules/privileged.ts', 'src/lint/rules/index.ts'],
  ['an index', 'src/tar/index.ts', 'src/tar/b.ts'],
  ['a double', 'src/image/testing/fakes.ts', 'src/image/testing/more.ts'],
  ['what a folder gives to another', 'src/cli/views/table.ts', 'src/cli/commands/ps.ts'],
])('%s stays', (_, path, importer) => {
  const module = moduleOf(importer, '')
  expect(small(file(path), { ...module, imports: [path] })).toEqual([])
})

test('what is loaded when it is needed stays', () => {
  const late = moduleOf('src/tar/b.ts', "const a = await import('./a.ts')")
  expect(small(file('src/tar/a.ts'), late)).toEqual([])
})
