import { relative } from 'node:path'
import type { Reporter, TestCase, TestModule, TestSuite } from 'vitest/node'
import { REQUIRES } from './requires.ts'

/** Lists, once all tests are done, what could not run here and what it would have needed. */
export default class SkippedReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const lines = skippedIn(modules)
    if (process.getuid?.() !== 0) lines.push('root: all end-to-end tests, for namespaces, mounts and bridges')
    if (lines.length > 0)
      process.stdout.write(`\nSkipped here:\n${lines.map(line => `  ${line}\n`).join('')}`)
  }
}

/** A line a need; tests that a filter of names left out are not meant. */
function skippedIn(modules: readonly TestModule[]): string[] {
  const found = new Map<string, { count: number; files: Set<string> }>()
  for (const module of modules)
    for (const test of module.children.allTests()) {
      if (test.result().state !== 'skipped' || isFiltered(test)) continue
      const why = reasonOf(test) ?? 'no reason given'
      const entry = found.get(why) ?? { count: 0, files: new Set() }
      entry.count += 1
      entry.files.add(relative(process.cwd(), module.moduleId))
      found.set(why, entry)
    }
  return [...found].map(
    ([why, { count, files }]) =>
      `${why}: ${count} ${count === 1 ? 'test' : 'tests'} of ${[...files].join(', ')}`,
  )
}

function reasonOf(test: TestCase): string | undefined {
  let at: TestCase | TestSuite | TestModule = test
  while (at.type !== 'module') {
    const index = at.name.indexOf(REQUIRES)
    if (index >= 0) return at.name.slice(index + REQUIRES.length)
    at = at.parent
  }
  return undefined
}

function isFiltered(test: TestCase): boolean {
  return test.project.config.testNamePattern !== undefined
}
