import { expect, test } from 'vitest'
import { checkExports, namedImportsOf } from './exports.ts'

const file = (path: string, ...lines: string[]) => namedImportsOf(path, lines.join('\n'))

test('an export that nobody imports is a problem, a type is none', () => {
  const files = [
    file(
      'src/graph/a.ts',
      'export function used(): void {}',
      'export const unused = 1',
      'export interface Shape {}',
    ),
    file('src/graph/b.ts', 'import {', '  used as mine,', '  type Shape,', "} from './a.ts'"),
  ]
  expect(checkExports(files)).toEqual([expect.stringMatching(/^src\/graph\/a\.ts: nobody imports "unused"/)])
})

test('an import by a test, or of the whole file, is one', () => {
  const given = file('src/graph/a.ts', 'export class A {}')
  expect(checkExports([given, file('src/graph/a.test.ts', "import { A } from './a.ts'")])).toEqual([])
  expect(checkExports([given, file('src/graph/b.ts', "const a = await import('./a.ts')")])).toEqual([])
  expect(checkExports([given, file('src/graph/b.ts', "export * from './a.ts'")])).toEqual([])
})

test('what an index hands on is an export of it', () => {
  const files = [
    file('src/graph/a.ts', 'export const a = 1'),
    file('src/graph/index.ts', "export { a, type B } from './a.ts'"),
  ]
  expect(checkExports(files)).toEqual([expect.stringMatching(/^src\/graph\/index\.ts: nobody imports "a"/)])
})
