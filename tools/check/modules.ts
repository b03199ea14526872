import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'

/** A source file of `src/` and what it imports. */
export interface Module {
  readonly path: string
  /** Paths below the repository's root that this file imports, resolved. */
  readonly imports: readonly string[]
  /** Those of them that it loads when it needs them, by `import()`. */
  readonly lazy: readonly string[]
  /** Names of packages and of Node's modules that it imports. */
  readonly packages: readonly string[]
}

/** Made by tools, or read as data by tests: each by its path, so that nothing is hidden by a folder's name. */
const NOT_SOURCES = /^(?:native\/build|src\/parser\/schema\/generated|src\/parser\/testing\/fixtures)\//

/** All files below `folder` whose name ends in one of `endings`, sorted. */
export function listFiles(folder: string, endings: readonly string[]): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile() && endings.some(ending => entry.name.endsWith(ending)))
    .map(entry => join(entry.parentPath, entry.name))
    .filter(path => !NOT_SOURCES.test(path))
    .sort()
}

/** Reads the import graph below `folder`; tests and what serves them alone are not part of it. */
export function readModules(folder: string): Module[] {
  return listFiles(folder, ['.ts'])
    .filter(path => !/\.test(-support)?\.ts$/.test(path))
    .map(path => moduleOf(path, readFileSync(path, 'utf8')))
}

/** A module by its text. */
export function moduleOf(path: string, text: string): Module {
  const all = importsOf(path, text)
  const ours = all.filter(({ target }) => isOurs(target))
  return {
    path,
    imports: ours.map(({ target }) => target),
    lazy: ours.filter(({ isLazy }) => isLazy).map(({ target }) => target),
    packages: all.map(({ target }) => target).filter(target => !isOurs(target)),
  }
}

function isOurs(target: string): boolean {
  return /^(?:src|schemas|tools|test|bench|bin)\//.test(target)
}

/** Comments may stand between the names, with anything in them. */
const IMPORT =
  /(?:^|\n)\s*(?:import|export)\s(?:\/\/[^\n]*|\/\*[^*]*(?:\*(?!\/)[^*]*)*\*\/|[^'"`;/])*?from\s+'([^']+)'|\bimport\(\s*'([^']+)'\s*\)|(?:^|\n)import\s+'([^']+)'/g

/** The package's own names, by which its files could reach each other. */
const OURSELVES: Readonly<Record<string, string>> = {
  tscompose: 'src/index.ts',
  'tscompose/parser': 'src/parser/index.ts',
  'tscompose/client': 'src/client/entry.ts',
}

/** What a file imports, types and dynamic imports included: of ours by its path, packages and Node's modules by name. */
function importsOf(path: string, text: string): { readonly target: string; readonly isLazy: boolean }[] {
  return [...text.matchAll(IMPORT)].map(match => {
    const name = match[1] ?? match[2] ?? match[3] ?? ''
    const target = name.startsWith('.') ? normalize(join(dirname(path), name)) : (OURSELVES[name] ?? name)
    return { target, isLazy: match[2] !== undefined }
  })
}
