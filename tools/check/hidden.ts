import { readFileSync } from 'node:fs'
import { PURE } from './imports.ts'
import { listFiles } from './modules.ts'

/** A file below a folder of sources, by its text. */
export interface SourceFile {
  readonly path: string
  readonly text: string
}

/** All that could be code below these folders. */
export function readSources(folders: readonly string[]): SourceFile[] {
  return folders
    .flatMap(folder => listFiles(folder, ['.ts', '.mts', '.cts', '.tsx', '.js', '.mjs', '.cjs', '.jsx']))
    .map(path => ({ path, text: readFileSync(path, 'utf8') }))
}

/** Scripts of tests that nodes without our tools run as they are: they load public clients by require, and import each other alone. */
const PLAIN_SCRIPTS = 'test/e2e/clients/libraries/'

/** What a program can hide from a reader of its imports, by how it looks. */
const TRICKS: readonly (readonly [pattern: RegExp, what: string])[] = [
  [
    /(?:\bawait|\breturn|\bvoid|=>?|[(,:?])\s*import\(\s*[^'\s)]/,
    'imports what only its run tells: name the file',
  ],
  [/\bcreateRequire\b|(?<![.\w])require\(/, 'loads by require: import it'],
  [/^(?:import|export)[^'"`;]*\bfrom\s+"/m, 'imports with double quotes, which the checks do not read'],
]

/** The clock, chance and the process, which an import does not show. */
const IMPURE =
  /\bDate\.now\(|\bnew Date\(\)|\bMath\.random\(|(?<![.\w])process\.(?:env\[|cwd\(|hrtime|uptime\(|pid\b)|\bperformance\.now\(|\bsetTimeout\(/

/**
 * One line for each way past the other checks: code that they do not read, since it ends in something else than `.ts` or is
 * a test that is never run; imports that only a run shows; a program that imports what serves its tests; and clock, chance
 * or environment in a folder without I/O.
 */
export function checkHidden(files: readonly SourceFile[]): string[] {
  return files.flatMap(({ path, text }) => {
    if (path.startsWith(PLAIN_SCRIPTS)) return []
    if (!path.endsWith('.ts') || path.endsWith('.d.ts'))
      return [`${path}: sources end in .ts: no check reads others`]
    if (/\.spec\.ts$|\/__tests__\//.test(path)) return [`${path}: tests end in .test.ts: others are not run`]
    return isOfTests(path) ? [] : [...tricks(path, text), ...impurities(path, text)]
  })
}

function tricks(path: string, text: string): string[] {
  if (!path.startsWith('src/')) return []
  const code = withoutComments(text)
  const found = TRICKS.filter(([pattern]) => pattern.test(code)).map(([, what]) => `${path}: ${what}`)
  const support = /'(\.[^']*(?:\.test-support|\.test|\/testing\/[^']*)\.ts)'/.exec(code)?.[1]
  return support === undefined
    ? found
    : [...found, `${path}: a program imports ${support}, which serves tests`]
}

function impurities(path: string, text: string): string[] {
  const folder = Object.keys(PURE).find(each => path.startsWith(`${each}/`))
  const found = folder && IMPURE.exec(withoutComments(text))?.[0]
  return found === undefined || found === '' ? [] : [`${path}: ${folder} is pure and must not use ${found}`]
}

/** Near enough: text in quotes that looks like a comment does no harm here. */
function withoutComments(text: string): string {
  return text.replaceAll(/\/\*.*?\*\//gs, '').replaceAll(/^\s*\/\/.*$/gm, '')
}

function isOfTests(path: string): boolean {
  return path.includes('/testing/') || /\.test(?:-support)?\.ts$/.test(path)
}
