import { existsSync, readdirSync } from 'node:fs'
import { expect, test } from 'vitest'
import { moduleOf } from './modules.ts'
import { checkPlacement, NOUNS, readTests } from './placement.ts'

/** What is said of one file that imports these. */
function said(path: string, ...imports: string[]): string[] {
  const up = '../'.repeat(path.split('/').length - 1)
  return checkPlacement([
    moduleOf(path, imports.map(target => `import { a } from '${up}${target}'\n`).join('')),
  ])
}

test('a test of a folder stands beside it and takes what the folder may take, and doubles', () => {
  expect(
    said('src/parser/a.test.ts', 'src/model/index.ts', 'test/requires.ts', 'src/image/testing/b.ts'),
  ).toEqual([])
})

test('one that reaches further is a contract', () => {
  expect(said('src/parser/a.test.ts', 'src/cli/b.ts')).toEqual([
    expect.stringMatching(/^src\/parser\/a\.test\.ts: reaches src\/cli\/b\.ts/),
  ])
  expect(said('test/contract/a.test.ts', 'src/parser/index.ts', 'src/cli/b.ts')).toEqual([])
})

test('a contract has two sides, if by way of what stands beside it', () => {
  expect(said('test/contract/a.test.ts', 'src/parser/index.ts')).toEqual([
    expect.stringContaining('src/parser alone'),
  ])
  const beside = moduleOf(
    'test/contract/b.ts',
    "import { a } from '../../src/parser/index.ts'\nimport { c } from '../../src/cli/c.ts'\n",
  )
  const thin = moduleOf('test/contract/a.test.ts', "import { b } from './b.ts'\n")
  expect(checkPlacement([thin, beside])).toEqual([])
})

test.each([
  'test/e2e/a.test.ts',
  'test/e2e/stuff/a.test.ts',
  'test/e2e/harness/a.test.ts',
  'test/unit/a.test.ts',
  'test/a.test.ts',
])('%s is no place for a test', path => {
  expect(said(path)).toHaveLength(1)
})

test('nouns of the end-to-end tests share by the harness alone', () => {
  expect(said('test/e2e/images/a.test.ts', 'test/e2e/harness/b.ts', 'test/e2e/images/c.ts')).toEqual([])
  expect(said('test/e2e/images/a.test.ts', 'test/e2e/native/b.ts')).toHaveLength(1)
})

test('every noun has its folder, and every folder is a noun', () => {
  const folders = readdirSync('test/e2e').filter(name => name !== 'harness')
  expect(folders).toEqual(Object.keys(NOUNS))
  expect(existsSync('test/unit')).toBe(false)
})

test('all tests stand where they belong', () => {
  expect(checkPlacement(readTests())).toEqual([])
})
