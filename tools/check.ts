// The repository's own rules, checked on every test run: who may import whom, import cycles, file and function sizes.
import { checkCycles } from './check/cycles.ts'
import { checkImports } from './check/imports.ts'
import { readModules } from './check/modules.ts'
import { checkSizes } from './check/sizes.ts'

const modules = readModules('src')
const problems = [
  ...checkImports(modules),
  ...checkCycles(modules),
  ...checkSizes(['src', 'native', 'tools']),
]
for (const problem of problems) console.error(problem)
console.log(`check: ${modules.length} modules, ${problems.length} problems`)
process.exitCode = problems.length === 0 ? 0 : 1
