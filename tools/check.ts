// The repository's own rules, checked on every test run: who may import or include whom, cycles, exports that nobody imports,
// budgets, file and function sizes, where tests stand, and that docs/ lists what the sources have.
import { checkCycles } from './check/cycles.ts'
import { checkErrorCodes } from './check/error-codes.ts'
import { checkExports, readNamedImports } from './check/exports.ts'
import { checkFloors } from './check/floors.ts'
import { checkFoldersPage } from './check/folder-table.ts'
import { checkFolders } from './check/folders.ts'
import { checkHidden, readSources } from './check/hidden.ts'
import { checkImports } from './check/imports.ts'
import { checkIncludes, readCFiles } from './check/includes.ts'
import { readModules } from './check/modules.ts'
import { checkNativeBudget } from './check/native-budget.ts'
import { checkPlacement, readTests } from './check/placement.ts'
import { checkSizes, listLongFiles } from './check/sizes.ts'
import { checkSmallFiles } from './check/small-files.ts'
import { checkWords } from './check/words.ts'

const modules = readModules('src')
const native = readCFiles()
const sized = ['src', 'native', 'tools', 'bench', 'test']
const problems = [
  ...checkImports(modules),
  ...checkHidden(readSources(['src', 'test', 'tools', 'bench'])),
  ...checkCycles(modules),
  ...checkFolders(modules),
  ...checkFloors(modules),
  ...checkExports(readNamedImports(['src', 'test', 'tools', 'bench', 'native/test'])),
  ...checkSizes(sized),
  ...checkIncludes(native),
  ...checkNativeBudget(native),
  ...checkPlacement(readTests()),
  ...checkSmallFiles(modules),
  ...checkWords('src'),
  ...checkErrorCodes('src'),
  ...checkFoldersPage(process.argv.includes('--write')),
]
for (const problem of problems) console.error(problem)
if (process.argv.includes('--long')) for (const line of listLongFiles(sized)) console.log(line)
console.log(`check: ${modules.length} modules, ${problems.length} problems`)
process.exitCode = problems.length === 0 ? 0 : 1
