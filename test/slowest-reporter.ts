import { relative } from 'node:path'
import type { Reporter, TestModule } from 'vitest/node'

/** What all tests may take on two processors, in seconds. */
const BUDGET = 15 * 60

/** Says, once all tests are done, where the time went: the slowest files, and whether all together kept to the budget. */
export default class SlowestReporter implements Reporter {
  #begun = 0

  onTestRunStart(): void {
    this.#begun = performance.now()
  }

  onTestRunEnd(modules: readonly TestModule[]): void {
    const seconds = (performance.now() - this.#begun) / 1000
    const slowest = modules.toSorted((a, b) => timeOf(b) - timeOf(a)).slice(0, 10)
    const lines = slowest.map(
      module => `  ${(timeOf(module) / 1000).toFixed(1).padStart(6)}  ${nameOf(module)}\n`,
    )
    process.stdout.write(`\nThe slowest files, in seconds:\n${lines.join('')}`)
    process.stdout.write(`All took ${seconds.toFixed(0)} of the ${BUDGET} that they may.\n`)
    if (seconds > BUDGET)
      process.stdout.write(`WARNING: ${(seconds - BUDGET).toFixed(0)} s over the budget of the tests\n`)
  }
}

/** Milliseconds of a file's tests and hooks, and of loading it. */
function timeOf(module: TestModule): number {
  const { duration, collectDuration } = module.diagnostic()
  return duration + collectDuration
}

function nameOf(module: TestModule): string {
  const path = relative(process.cwd(), module.moduleId)
  return module.project.name === 'sanitized' ? `${path} (sanitized)` : path
}
