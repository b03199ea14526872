import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'

// The parser as others use it: by its name in package.json, from the built files. The example of its page is a program.
let folder: string
let example: string

beforeAll(() => {
  // Inside of the package, where its own name leads to it.
  folder = mkdtempSync('dist/library-')
  example = /```ts\n([\s\S]*?)```/.exec(readFileSync('src/parser/README.md', 'utf8'))?.[1] ?? ''
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('the example of the loader’s page runs and says what it claims', () => {
  const path = join(folder, 'example.mjs')
  writeFileSync(path, `${example}\nconsole.log(project?.model.services['web']?.image, diagnostics.length)\n`)
  expect(execFileSync(process.execPath, [path], { encoding: 'utf8' })).toBe('nginx:1 0\n')
})

test('its types are there', () => {
  const path = join(folder, 'example.ts')
  writeFileSync(
    path,
    `${example}\nexport const image: string | undefined = project?.model.services['web']?.image\n`,
  )
  const options = ['--ignoreConfig', '--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2023']
  expect(() => execFileSync('npx', ['tsc', ...options, path], { encoding: 'utf8' })).not.toThrow()
  writeFileSync(path, `${example}\nexport const image: number = project?.model.services['web']?.image\n`)
  expect(() => execFileSync('npx', ['tsc', ...options, path], { stdio: 'pipe' })).toThrow()
})
