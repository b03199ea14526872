import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

/** Files of tests and what stands beside them, but for the one that may skip. */
function testFiles(): string[] {
  return ['src', 'test', 'tools']
    .flatMap(folder =>
      readdirSync(folder, { recursive: true, encoding: 'utf8' }).map(name => join(folder, name)),
    )
    .filter(path => path.endsWith('.ts') && path !== 'test/requires.ts')
}

test('what cannot run everywhere says why, through `requires`', () => {
  const silent = /\b(?:test|it|describe|context|ctx)\.(?:skip|skipIf|runIf|todo)\b/
  expect(testFiles().filter(path => silent.test(readFileSync(path, 'utf8')))).toEqual([])
})
