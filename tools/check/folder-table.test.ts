import { expect, test } from 'vitest'
import { checkFolderTable, fillFolderTable } from './folder-table.ts'
import { ALLOWED } from './imports.ts'

const page = (rows: readonly string[]): string =>
  ['# A page', '', '| folder | what | imports |', '| --- | --- | --- |', ...rows, ''].join('\n')
const rows = Object.keys(ALLOWED).map(folder => `| \`${folder}\` | words | ? |`)
const filled = fillFolderTable(page(rows))

test('the column is what the check lets each folder import', () => {
  expect(filled).toContain('| `src/graph` | words | nothing |')
  expect(filled).toContain('| `src/tar` | words | linux, diagnostics |')
  expect(checkFolderTable(filled)).toEqual([])
  expect(fillFolderTable(filled)).toBe(filled)
})

test('a row that says something else, is not there, stands twice or is about no folder is a problem', () => {
  expect(checkFolderTable(filled.replace('linux, diagnostics |', 'diagnostics |'))).toHaveLength(1)
  expect(checkFolderTable(filled.replace('| `src/graph` | words | nothing |\n', ''))).toHaveLength(1)
  expect(checkFolderTable(`${filled}| \`src/graph\` | words | nothing |\n`)).toHaveLength(1)
  expect(checkFolderTable(`${filled}| \`src/none\` | words | nothing |\n`)).toHaveLength(1)
})
