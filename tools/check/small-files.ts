import { readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Module } from './modules.ts'

/** Lines below which a file is too small to stand alone. */
export const FILE_FLOOR = 25

/**
 * One line for each file that is too small and is imported by one file beside it: it joins that file. These are left
 * alone, by what they are: a folder's index and what only the index takes (the rules of a table, the operations, what the
 * folder hands out), doubles for tests, entry points, what is loaded when it is needed, and what a folder gives to others.
 */
export function checkSmallFiles(
  modules: readonly Module[],
  linesOf: (path: string) => number = countLines,
): string[] {
  return modules.flatMap(({ path }) => {
    if (/\/index\.ts$|\/testing\/|\.test-support\.ts$/.test(path)) return []
    const importers = modules.filter(({ imports }) => imports.includes(path))
    const [only] = importers
    if (only === undefined || importers.length > 1 || only.lazy.includes(path)) return []
    if (dirname(only.path) !== dirname(path) || only.path.endsWith('/index.ts')) return []
    const lines = linesOf(path)
    if (lines >= FILE_FLOOR) return []
    return [`${path}: ${lines} lines, and ${only.path} alone imports it: it joins that file`]
  })
}

function countLines(path: string): number {
  return readFileSync(path, 'utf8').trimEnd().split('\n').length
}
