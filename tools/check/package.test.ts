import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

/** What `npm publish` would ship of this checkout, as it is built. */
function packedFiles(): readonly string[] {
  const args = ['pack', '--dry-run', '--json', '--ignore-scripts']
  const [packed] = JSON.parse(execFileSync('npm', args, { encoding: 'utf8' })) as [
    { readonly files: readonly { readonly path: string }[] },
  ]
  return packed.files.map(({ path }) => path)
}

test.runIf(existsSync('dist'))('the package has what it starts with, and nothing of the workshop', () => {
  const files = packedFiles()
  const entries = ['LICENSE', 'README.md', 'bin/tscompose', 'dist/index.js', 'dist/tscompose-native']
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

test.runIf(existsSync('dist'))('what is shipped does not name the folder that it was built in', () => {
  const built = packedFiles().filter(path => path.startsWith('dist/'))
  expect(built.filter(path => readFileSync(path).includes(process.cwd()))).toEqual([])
})
