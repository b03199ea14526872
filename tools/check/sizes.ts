import { readFileSync } from 'node:fs'
import { functionsOf } from './functions.ts'
import { listFiles } from './modules.ts'

/** Lines above which a file fails the check. */
export const FILE_LIMIT = 400
/** Lines above which a file is listed by `npm run check -- --long`: the next thing that it gets may be a file of its own. */
export const FILE_WARNING = 200
/** Lines above which a function fails the check. */
export const FUNCTION_LIMIT = 60

/** Tables and the like that may be longer. This list may only shrink. */
export const LONG_FILES: readonly string[] = []

/** One line for each file or function below `folders` that is too long; tests may be long. */
export function checkSizes(folders: readonly string[]): string[] {
  const problems: string[] = []
  for (const path of folders.flatMap(folder => listFiles(folder, ['.ts', '.c', '.h']))) {
    if (path.endsWith('.test.ts') || LONG_FILES.includes(path)) continue
    problems.push(...checkSize(path, readFileSync(path, 'utf8')))
  }
  return problems
}

/** Files below `folders` that are long and still allowed, the longest first. */
export function listLongFiles(folders: readonly string[]): string[] {
  return folders
    .flatMap(folder => listFiles(folder, ['.ts', '.c', '.h']))
    .filter(path => !path.endsWith('.test.ts'))
    .map(path => ({ path, lines: linesOf(readFileSync(path, 'utf8')) }))
    .filter(({ lines }) => lines > FILE_WARNING)
    .sort((a, b) => b.lines - a.lines)
    .map(({ path, lines }) => `${path}: ${lines} lines`)
}

/** The same as `checkSizes` for one file. */
export function checkSize(path: string, text: string): string[] {
  const lines = linesOf(text)
  const long = functionsOf(path, text).filter(each => each.lines > FUNCTION_LIMIT)
  return [
    ...(lines > FILE_LIMIT ? [`${path}: ${lines} lines, at most ${FILE_LIMIT}`] : []),
    ...long.map(each => `${path}:${each.line}: function of ${each.lines} lines, at most ${FUNCTION_LIMIT}`),
  ]
}

function linesOf(text: string): number {
  return text.split('\n').length - (text.endsWith('\n') ? 1 : 0)
}
