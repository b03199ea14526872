import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect } from 'vitest'
import { present, requires } from '../../test/requires.ts'
import { reachedTypes } from '../public-types.ts'

const built = requires(present('npm run build', 'dist')).test

let packed: readonly string[] | undefined

/** What `npm publish` would ship of this checkout, as it is built. */
function packedFiles(): readonly string[] {
  packed ??= askNpm()
  return packed
}

function askNpm(): readonly string[] {
  const args = ['pack', '--dry-run', '--json', '--ignore-scripts']
  const [answer] = JSON.parse(execFileSync('npm', args, { encoding: 'utf8' })) as [
    { readonly files: readonly { readonly path: string }[] },
  ]
  return answer.files.map(({ path }) => path)
}

built('the package has what it starts with, and nothing of the workshop', {}, () => {
  const files = packedFiles()
  const native = `dist/tscompose-native-${process.arch}`
  const launcher = `dist/tscompose-launcher-${process.arch}`
  const entries = ['LICENSE', 'README.md', 'bin/tscompose', 'dist/index.js', native, launcher]
  expect(files).toEqual(
    expect.arrayContaining([
      ...entries,
      'dist/programs/main.cjs',
      'dist/types/index.d.ts',
      'dist/man/tscompose.1',
    ]),
  )
  expect(files.filter(path => /\.(?:o|c|h|log)$|^(?:src|test|tools|native|bench)\//.test(path))).toEqual([])
})

built('what is shipped does not name the folder that it was built in', {}, () => {
  const shipped = packedFiles().filter(path => path.startsWith('dist/'))
  expect(shipped.filter(path => readFileSync(path).includes(process.cwd()))).toEqual([])
})

built('the declarations that are shipped are those that the entries reach', {}, () => {
  const { exports } = JSON.parse(readFileSync('package.json', 'utf8')) as {
    readonly exports: Readonly<Record<string, { readonly types: string }>>
  }
  const entries = Object.values(exports).map(({ types }) => join(types))
  const reached = reachedTypes(entries, path => readFileSync(path, 'utf8'))
  const shipped = packedFiles().filter(path => path.endsWith('.d.ts'))
  expect(shipped.sort()).toEqual([...reached].sort())
  expect(shipped.filter(path => /\/(?:engine|image|native|cli|testing)\/|test-support/.test(path))).toEqual(
    [],
  )
})

built('what a page of the package links to is in the package', {}, () => {
  const files = packedFiles()
  const links = files
    .filter(path => path.endsWith('.md'))
    .flatMap(page =>
      [...readFileSync(page, 'utf8').matchAll(/\]\((?!https?:|#)([^)#]+)(?:#[^)]*)?\)/g)].map(
        ([, target = '']) => ({
          page,
          target: join(dirname(page), target),
        }),
      ),
    )
  expect(links.length).toBeGreaterThan(5)
  expect(
    links.filter(({ target }) => !files.some(path => path === target || path.startsWith(`${target}/`))),
  ).toEqual([])
})
