import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { listFiles } from './modules.ts'

const PAGES = [
  'README.md',
  'CHANGELOG.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
  'native/README.md',
  'src/parser/README.md',
  ...readdirSync('docs')
    .filter(name => name.endsWith('.md'))
    .map(name => `docs/${name}`),
]
const FILES = ['src', 'native', 'bin', 'tools', 'test', 'bench'].flatMap(folder =>
  listFiles(folder, ['.ts', '.cjs', '.c', '.h']),
)
const textOf = (page: string): string => readFileSync(page, 'utf8')

/** Paths that stand in backticks, and are not there: one with `*` wants a file that it fits. */
function missingPaths(text: string): string[] {
  const paths = [...text.matchAll(/`((?:src|native|bin|tools|test|examples|docs|bench)\/[\w./*-]*)`/g)].map(
    match => match[1] ?? '',
  )
  const fits = (pattern: string): boolean => {
    const shape = new RegExp(`^${pattern.replaceAll('.', '\\.').replaceAll('*', '[^/]*')}$`)
    return FILES.some(file => shape.test(file))
  }
  return paths.filter(path => (path.includes('*') ? !fits(path) : !existsSync(path)))
}

test('the table of folders names every folder of src, and no other', () => {
  const named = [...textOf('docs/architecture.md').matchAll(/^\| `(src\/[a-z-]+)`/gm)].map(match => match[1])
  const folders = readdirSync('src', { withFileTypes: true })
    .filter(entry => entry.isDirectory())
    .map(entry => `src/${entry.name}`)
  expect(named.sort()).toEqual(folders.sort())
})

// CONTRIBUTING.md is left out: its worked examples make files up.
test.each(
  PAGES.filter(page => page !== 'CONTRIBUTING.md'),
)('%s names only files that are somewhere', page => {
  const names = [...textOf(page).matchAll(/`([a-z][\w./-]*\.(?:ts|cjs|c|h))`/g)].map(match => match[1] ?? '')
  const isThere = (name: string): boolean => FILES.some(path => `/${path}`.endsWith(`/${name}`))
  expect(names.filter(name => !isThere(name) && !name.startsWith('dist/'))).toEqual([])
})

describe.each(PAGES)('%s', page => {
  test('names only paths that exist', () => {
    expect(missingPaths(textOf(page))).toEqual([])
  })

  test('leaves no cell of a table open', () => {
    const cells = textOf(page)
      .split('\n')
      .filter(line => line.startsWith('|'))
      .flatMap(line => line.split('|').map(cell => cell.trim()))
    expect(cells.filter(cell => /^(?:\?+|TODO)$/.test(cell))).toEqual([])
  })

  test('links only to what exists', () => {
    const links = [...textOf(page).matchAll(/\]\((?!https?:|#)([^)#]+)(?:#[^)]*)?\)/g)]
    const targets = links.map(match => join(dirname(page), match[1] ?? ''))
    expect(targets.filter(path => !existsSync(path))).toEqual([])
  })
})

test('the page of dependencies names every package that the project has, and no other', () => {
  const { dependencies, devDependencies } = JSON.parse(textOf('package.json')) as Record<
    'dependencies' | 'devDependencies',
    Record<string, string>
  >
  const wanted = Object.keys({ ...dependencies, ...devDependencies }).filter(
    name => !name.startsWith('@types/'),
  )
  const named = [...textOf('docs/dependencies.md').matchAll(/^- `([@\w/-]+)`: /gm)].map(match => match[1])
  expect(named.sort()).toEqual(wanted.sort())
})

test('comments name only paths that exist', () => {
  const comments = FILES.filter(path => !path.startsWith('tools/check/')).map(path => ({
    path,
    missing: missingPaths(
      [...textOf(path).matchAll(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm)].map(match => match[0]).join('\n'),
    ),
  }))
  expect(comments.filter(({ missing }) => missing.length > 0)).toEqual([])
})

test('the page on how it is built tells every mode of the native program', () => {
  const modes = [...textOf('native/modes/main.c').matchAll(/strcmp\((?:mode|argv\[1\]), "(\w+)"\)/g)]
  const [, section = ''] = textOf('docs/architecture.md').split('## The native program\n')
  const [told = ''] = section.split('\n## ')
  expect(modes.length).toBeGreaterThan(6)
  expect(modes.map(match => match[1]).filter(mode => !told.includes(`\`${mode}\``))).toEqual([])
})
