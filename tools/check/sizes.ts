import { readFileSync } from 'node:fs'
import { listFiles } from './modules.ts'

/** Lines above which a file fails the check. */
export const FILE_LIMIT = 400
/** Lines above which a function fails the check. */
export const FUNCTION_LIMIT = 60

/** Tables and the like that may be longer. This list may only shrink. */
export const LONG_FILES: readonly string[] = []

/** One line for each file or function that is too long. */
export function checkSizes(folders: readonly string[]): string[] {
  const problems: string[] = []
  for (const path of folders.flatMap(folder => listFiles(folder, ['.ts', '.c', '.h']))) {
    if (path.endsWith('.test.ts') || LONG_FILES.includes(path)) continue
    const lines = readFileSync(path, 'utf8').split('\n')
    if (lines.length > FILE_LIMIT) problems.push(`${path}: ${lines.length} lines, at most ${FILE_LIMIT}`)
    problems.push(...longFunctions(path, lines))
  }
  return problems
}

const START =
  /^(\s*)(?:(?:export |async |static |private |public |override |readonly |get |set )*(?:function\b|[\w#]+\([^)]*\)[^;=]*\{$)|(?:export )?const \w+ = (?:async )?\(?[^=;]*=> \{$|(?:static |inline |const |struct |unsigned |void |int |long |size_t |char |bool )+\*?\w+\([^;]*$)/

/** Functions are found by their first line and by the closing brace at the same indent. */
function longFunctions(path: string, lines: readonly string[]): string[] {
  const problems: string[] = []
  for (const [index, line] of lines.entries()) {
    const indent = START.exec(line)?.[1]
    if (indent === undefined || /^\s*(?:if|for|while|switch|return|else)\b/.test(line)) continue
    const end = lines.findIndex((other, at) => at > index && other.startsWith(`${indent}}`))
    if (end > 0 && end - index + 1 > FUNCTION_LIMIT)
      problems.push(`${path}:${index + 1}: function of ${end - index + 1} lines, at most ${FUNCTION_LIMIT}`)
  }
  return problems
}
