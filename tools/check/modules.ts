import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'

/** A source file of `src/` and what it imports. */
export interface Module {
  readonly path: string
  /** Paths below the repository's root that this file imports, resolved; packages are left out. */
  readonly imports: readonly string[]
}

/** Made by tools, not written: the native program's build folder (`src/image/build` is written) and generated code. */
const NOT_SOURCES = /^native\/build\/|(^|\/)(generated|node_modules|fixtures)\//

/** All files below `folder` whose name ends in one of `endings`, sorted. */
export function listFiles(folder: string, endings: readonly string[]): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile() && endings.some(ending => entry.name.endsWith(ending)))
    .map(entry => join(entry.parentPath, entry.name))
    .filter(path => !NOT_SOURCES.test(path))
    .sort()
}

/** Reads the import graph below `folder`; tests are not part of it. */
export function readModules(folder: string): Module[] {
  return listFiles(folder, ['.ts'])
    .filter(path => !path.endsWith('.test.ts'))
    .map(path => ({ path, imports: importsOf(path, readFileSync(path, 'utf8')) }))
}

const IMPORT =
  /(?:^|\n)\s*(?:import|export)\s[^'"`;]*?from\s+'([^']+)'|\bimport\(\s*'([^']+)'\s*\)|(?:^|\n)import\s+'([^']+)'/g

function importsOf(path: string, text: string): string[] {
  const found: string[] = []
  for (const match of text.matchAll(IMPORT)) {
    const target = match[1] ?? match[2] ?? match[3] ?? ''
    if (target.startsWith('.')) found.push(normalize(join(dirname(path), target)))
  }
  return found
}
