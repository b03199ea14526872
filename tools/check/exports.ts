import { readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { listFiles } from './modules.ts'

/** Whose exports are for others than this repository: the library's entry points. */
const ENTRIES: ReadonlySet<string> = new Set(['src/index.ts', 'src/parser/index.ts', 'src/client/entry.ts'])

/** The list of commands, each loaded when it is called. */
const COMMANDS = 'src/cli/commands/index.ts'

/** A source file by what it gives and what it takes, by name. */
export interface NamedImports {
  readonly path: string
  /** Functions, classes and constants: a type costs nothing, and is exported with the function that it describes. */
  readonly exports: readonly string[]
  /** Names that it takes, by the file that it takes them from; `*` for all. */
  readonly imports: ReadonlyMap<string, ReadonlySet<string>>
}

/** One line for each exported function, class or constant that no other file takes, tests included. */
export function checkExports(files: readonly NamedImports[]): string[] {
  const taken = new Map<string, Set<string>>()
  for (const { imports } of files) {
    for (const [path, names] of imports) {
      const known = taken.get(path) ?? new Set()
      for (const name of names) known.add(name)
      taken.set(path, known)
    }
  }
  return files
    .filter(({ path }) => path.startsWith('src/') && !path.endsWith('.test.ts') && !ENTRIES.has(path))
    .flatMap(({ path, exports }) => {
      const names = taken.get(path) ?? new Set()
      if (names.has('*')) return []
      return exports
        .filter(name => !names.has(name))
        .map(name => `${path}: nobody imports "${name}": do not export it, or remove it`)
    })
}

/** Reads all files that may import something of ours. */
export function readNamedImports(folders: readonly string[]): NamedImports[] {
  return folders
    .flatMap(folder => listFiles(folder, ['.ts']))
    .map(path => namedImportsOf(path, readFileSync(path, 'utf8')))
}

const EXPORTED = /^export (?:async )?(?:abstract )?(?:function\*?|const|class) (\w+)/gm
const LIST = /^(import|export)\s+(type\s+)?(?:(\w+)\s*,?\s*)?\{([^}]*)\}(?:\s*from\s*'([^']+)')?/gm
const STAR = /^(?:import|export)\s+\*[^'"]*'([^']+)'|\bimport\(\s*'([^']+)'\s*\)/gm
/** Names that are taken when they are needed: `const { a } = await import('…')`, `(await import('…')).a`. */
const LAZY_LIST = /\{([^{}]*)\}\s*=\s*await\s+import\(\s*'([^']+)'\s*\)/g
const LAZY_ONE = /\(await\s+import\(\s*'([^']+)'\s*\)\)\.(\w+)/g
/** What `entry` of the list of commands takes of each: its definition, by the name that all have. */
const COMMAND = /\(\)\s*=>\s*import\(\s*'([^']+)'\s*\)/g

/** A file by its text. */
export function namedImportsOf(path: string, text: string): NamedImports {
  const imports = new Map<string, Set<string>>()
  const exports = [...text.matchAll(EXPORTED)].map(match => match[1] ?? '')
  const take = (from: string, names: readonly string[]): void => {
    const target = from.startsWith('.') ? normalize(join(dirname(path), from)) : from
    imports.set(target, new Set([...(imports.get(target) ?? []), ...names]))
  }
  for (const [, word, isType, , list = '', from] of text.matchAll(LIST)) {
    const items = list
      .split(',')
      .map(item => item.replace(/\/\/.*/g, '').trim())
      .filter(item => item !== '')
    if (from !== undefined) take(from, items.map(original))
    if (word === 'export' && isType === undefined)
      exports.push(...items.filter(item => !item.startsWith('type ')).map(renamed))
  }
  for (const [, list = '', from = ''] of text.matchAll(LAZY_LIST))
    take(
      from,
      list.split(',').map(item => item.trim().split(/\s*:\s*/)[0] ?? ''),
    )
  for (const [, from = '', name = ''] of text.matchAll(LAZY_ONE)) take(from, [name])
  if (path === COMMANDS) for (const [, from = ''] of text.matchAll(COMMAND)) take(from, ['command'])
  const named = path === COMMANDS ? [COMMAND] : [LAZY_LIST, LAZY_ONE]
  const rest = named.reduce((left, pattern) => left.replaceAll(pattern, ''), text)
  for (const match of rest.matchAll(STAR)) take(match[1] ?? match[2] ?? '', ['*'])
  return { path, exports, imports }
}

/** `b` of `type b as c`. */
function original(item: string): string {
  return item.replace(/^type /, '').split(/\s+as\s+/)[0] ?? ''
}

/** `c` of `b as c`. */
function renamed(item: string): string {
  return item.split(/\s+as\s+/).at(-1) ?? ''
}
