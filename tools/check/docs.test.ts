import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'

const PAGES = [
  'README.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
  'native/README.md',
  ...readdirSync('docs')
    .filter(name => name.endsWith('.md'))
    .map(name => `docs/${name}`),
]
const textOf = (page: string): string => readFileSync(page, 'utf8')

test('the table of folders names every folder of src, and no other', () => {
  const named = [...textOf('docs/architecture.md').matchAll(/^\| `(src\/[a-z]+)`/gm)].map(match => match[1])
  const folders = readdirSync('src', { withFileTypes: true })
    .filter(entry => entry.isDirectory())
    .map(entry => `src/${entry.name}`)
  expect(named.sort()).toEqual(folders.sort())
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
