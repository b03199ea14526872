import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { expect } from 'vitest'
import { present, requires } from '../../test/requires.ts'

const built = requires(present('npm run build', 'dist')).test

/** What `npm publish` would ship of this checkout, as it is built. */
function packedFiles(): readonly string[] {
  const args = ['pack', '--dry-run', '--json', '--ignore-scripts']
  const [packed] = JSON.parse(execFileSync('npm', args, { encoding: 'utf8' })) as [
    { readonly files: readonly { readonly path: string }[] },
  ]
  return packed.files.map(({ path }) => path)
}

built('the package has what it starts with, and nothing of the workshop', {}, () => {
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

built('what is shipped does not name the folder that it was built in', {}, () => {
  const shipped = packedFiles().filter(path => path.startsWith('dist/'))
  expect(shipped.filter(path => readFileSync(path).includes(process.cwd()))).toEqual([])
})
