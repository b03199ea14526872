import { existsSync, readFileSync } from 'node:fs'
import { closed, cyclesOf } from './cycles.ts'
import { listFiles } from './modules.ts'

/**
 * Who may include whom in the C program (native/README.md, "Folders"). A key is a folder, longest match first; the value
 * lists what it may include besides itself: folders, without those inside them, and single headers. `*`: all.
 */
export const INCLUDES: Readonly<Record<string, readonly string[]>> = {
  'native/core': [],
  'native/ops': ['native/core'],
  'native/ops/trees': ['native/ops', 'native/core'],
  'native/ops/probe': ['native/ops', 'native/core'],
  'native/ops/repair': ['native/ops', 'native/core'],
  'native/launch': ['native/ops', 'native/core'],
  // Not trusted with anything: what it has of ours is what it includes.
  'native/relay': ['native/core/sys.h'],
  // Strangers' first bytes, over the relay's loop and sessions.
  'native/front': ['native/relay', 'native/core'],
  // The server is trusted with nothing but its fds; its life is the monitor's.
  'native/procfs': ['native/core'],
  // It knows nothing of what those that it bears will do.
  'native/spawner': ['native/ops/make-mount.h', 'native/core'],
  // One question to the kernel.
  'native/peer': [],
  // Transactions and lists as the engine made them.
  'native/rules': ['native/ops/netlink.h', 'native/core'],
  // Of a container: entries, and files of bounded size.
  'native/log': ['native/core'],
  // It runs stages, works in namespaces and puts addresses into sets there; operations are not its business.
  'native/monitor': [
    'native/launch',
    'native/ops/stage.h',
    'native/ops/namespaces.h',
    'native/ops/netlink.h',
    'native/ops/terminal.h',
    'native/relay/config.h',
    'native/procfs/life.h',
    'native/log',
    'native/core',
  ],
  'native/modes': [
    'native/spawner',
    'native/rules',
    'native/monitor',
    'native/launch',
    'native/relay',
    'native/front',
    'native/procfs',
    'native/peer',
    'native/ops',
    'native/core',
  ],
  // A program of its own, without any privilege.
  'native/launcher': [],
  'native/test': ['*'],
}

/** Headers of functions that stand in several files; every other has those of the file of its name. */
const OF_SEVERAL: readonly string[] = ['native/ops/operations.h', 'native/modes/modes.h']

const PARTS = new Set(Object.keys(INCLUDES).map(folder => folder.split('/')[1]))

/** With angles only what is not ours may be included; the compiler looks for ours there, too. */
const OURS = new RegExp(`^\\s*#\\s*include\\s*(?:"([^"]+)"|<((?:${[...PARTS].join('|')})/[^>]+)>)`, 'gm')

/** A C source or header. */
export interface CFile {
  readonly path: string
  readonly text: string
  /** Text without comments. */
  readonly code: string
  /** What it includes of ours, by the path below the repository's root. */
  readonly includes: readonly string[]
}

/** All C below native/, that of tests included. */
export function readCFiles(): CFile[] {
  return listFiles('native', ['.c', '.h']).map(path => cFileOf(path, readFileSync(path, 'utf8')))
}

/** A file by its text. */
export function cFileOf(path: string, text: string): CFile {
  const code = text.replaceAll(/\/\*.*?\*\//gs, '')
  const ours = [...code.matchAll(OURS)]
  const includes = ours.map(match => `native/${match[1] ?? match[2]}`)
  return { path, text, code, includes }
}

/**
 * One line for each include that the table does not allow or that leads nowhere, each circle of files, each function that
 * another header declares than that of its file, and each struct that is there twice. `isThere`: whether a path is a file.
 */
export function checkIncludes(
  files: readonly CFile[],
  isThere: (path: string) => boolean = existsSync,
): string[] {
  const ours = files.filter(({ path }) => ownerOf(path) !== 'native/test')
  return [
    ...files.flatMap(file => forbidden(file, isThere)),
    ...circles(ours),
    ...misplaced(ours),
    ...undeclared(ours),
    ...doubles(ours),
  ]
}

const OWNERS = Object.keys(INCLUDES).sort((a, b) => b.length - a.length)

function ownerOf(path: string): string | undefined {
  return OWNERS.find(owner => path.startsWith(`${owner}/`))
}

function forbidden({ path, includes }: CFile, isThere: (path: string) => boolean): string[] {
  const owner = ownerOf(path)
  if (owner === undefined) return [`${path}: no folder of tools/check/includes.ts owns this file`]
  const allowed = [owner, ...(INCLUDES[owner] ?? [])]
  return includes.flatMap(target => {
    if (!isThere(target)) return [`${path}: includes ${target}, which is no file`]
    const listed = ['*', target, ownerOf(target) ?? ''].some(each => allowed.includes(each))
    return listed ? [] : [`${path}: ${owner} must not include ${target}`]
  })
}

/** A source and the header of its name are one: what includes the one may call the other. */
function unitOf(path: string): string {
  return path.replace(/\.[ch]$/, '')
}

function circles(files: readonly CFile[]): string[] {
  const units = new Map<string, Set<string>>()
  for (const { path, includes } of files) {
    const own = unitOf(path)
    const others = includes.map(unitOf).filter(unit => unit !== own)
    units.set(own, new Set([...(units.get(own) ?? []), ...others]))
  }
  const edges = new Map([...units].map(([unit, others]) => [unit, [...others]]))
  return cyclesOf(edges).map(chain => `include cycle: ${closed(chain).join(' -> ')}`)
}

/** Functions that a text declares or defines for others: what stands outside of all braces and is not static. */
function functionsIn(code: string): { declared: string[]; defined: string[] } {
  let flat = code.replaceAll(/^\s*#(?:.*\\\n)*.*$/gm, '')
  for (let before = ''; before !== flat; ) {
    before = flat
    flat = flat.replaceAll(/\{[^{}]*\}/g, '\u0001')
  }
  const found = [...flat.matchAll(/(?:^|[;\u0001])([^;\u0001]*?)\b(\w+)\([^;\u0001]*\)\s*(?=([;\u0001]))/g)]
  const names = (end: string): string[] =>
    found
      .filter(([, before = '', , at]) => at === end && !/\bstatic\b|=/.test(before))
      .map(match => match[2] ?? '')
  return { declared: names(';'), defined: names('\u0001') }
}

/** With functions elsewhere, includes would not tell who calls whom, and circles not be found. */
function misplaced(files: readonly CFile[]): string[] {
  const byPath = new Map(files.map(file => [file.path, file]))
  return files
    .filter(({ path }) => path.endsWith('.h') && !OF_SEVERAL.includes(path))
    .flatMap(({ path, code }) => {
      const source = `${unitOf(path)}.c`
      const { defined } = functionsIn(byPath.get(source)?.code ?? '')
      return functionsIn(code)
        .declared.filter(name => !defined.includes(name))
        .map(name => `${path}: declares ${name}, which ${source} does not define`)
    })
}

/** A source that declares what is elsewhere calls it without an include that would tell. */
function undeclared(files: readonly CFile[]): string[] {
  return files
    .filter(({ path }) => path.endsWith('.c'))
    .flatMap(({ path, code }) => {
      const { declared, defined } = functionsIn(code)
      const external = [...code.matchAll(/^\s*extern\s[^;(]*;/gm)].map(match => match[0].trim())
      const names = declared.filter(name => !defined.includes(name) && !/^_/.test(name))
      return [...names.map(name => `${name}()`), ...external].map(
        what => `${path}: declares ${what} itself: include its header`,
      )
    })
}

function doubles(files: readonly CFile[]): string[] {
  const first = new Map<string, string>()
  return files.flatMap(({ path, code }) =>
    [...code.matchAll(/^struct (\w+) \{/gm)].flatMap(([, name = '']) => {
      const other = first.get(name)
      first.set(name, other ?? path)
      return other === undefined ? [] : [`${path}: struct ${name} is another in ${other}`]
    }),
  )
}
