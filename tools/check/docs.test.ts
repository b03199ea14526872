import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { listFiles } from './modules.ts'

const PAGES = [
  'README.md',
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

test('the table of folders names every folder of src, and no other', () => {
  const named = [...textOf('docs/architecture.md').matchAll(/^\| `(src\/[a-z]+)`/gm)].map(match => match[1])
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
    const paths = [
      ...textOf(page).matchAll(/`((?:src|native|bin|tools|test|examples|docs|bench)\/[\w./-]*)`/g),
    ]
    expect(paths.map(match => match[1] ?? '').filter(path => !existsSync(path))).toEqual([])
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
