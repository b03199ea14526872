import { readFileSync } from 'node:fs'
import { ALLOWED, ownerOf } from './imports.ts'
import { listFiles, type Module, moduleOf } from './modules.ts'

/** What tests with a kernel are about: the folders of test/e2e. */
export const NOUNS: Readonly<Record<string, string>> = {
  attacks: 'known ways out of a container, by number, and where each is tried',
  attributes: 'each attribute of a service, seen in a running container',
  clients: 'the Docker CLI, Docker Compose and client libraries against our engine',
  cluster: 'a Swarm of several engines in namespaces of the test’s own',
  containers: 'the life of a container: its processes, streams, files and signals',
  engine: 'what becomes of everything when the engine, its disk or its session ends',
  faults: 'system calls that fail, processes that are killed, and what else may befall an engine',
  images: 'pulled, built and unpacked images',
  isolation: 'what a container or an image that means harm can reach',
  library: 'the package as others import it',
  native: 'the native program alone; these run once more with sanitizers',
  'network-matrix': 'who reaches whom by which name, address and port, beside Docker',
  networks: 'links, addresses, names and ports',
  project: 'a Compose file, from the command line',
  serve: 'who is let in where tscompose serve listens, and to what',
}

/** Their sandboxes, labs and setup. */
const HARNESS = 'test/e2e/harness'

/** What tests of a folder may import beside what the folder may. */
const TESTS_MAY: Readonly<Record<string, readonly string[]>> = {
  // Cases of a rule are written as Compose files; the loader's warnings are looked up in its sources.
  'src/lint': ['src/parser', 'tools/check/modules.ts'],
  // What is converted is written as Compose files.
  'src/deploy': ['src/parser'],
}

/** Tests that reach further than their folder, by what they reach. This list may only shrink. */
const FAR: Readonly<Record<string, string>> = {
  'src/project/attached/container-output.test.ts': 'src/cli/views/log-printer.ts',
}

/** All tests, and what serves tests alone. */
export function readTests(): Module[] {
  return ['src', 'test', 'tools', 'bench', 'native']
    .flatMap(folder => listFiles(folder, ['.ts']))
    .filter(path => path.startsWith('test/') || /\.test(-support)?\.ts$/.test(path))
    .map(path => moduleOf(path, readFileSync(path, 'utf8')))
}

/**
 * The one rule of where a test stands, one line for each that stands elsewhere: of a module or folder, beside it; a contract
 * across folders, in test/contract; with a kernel, in test/e2e below what it is about.
 */
export function checkPlacement(tests: readonly Module[]): string[] {
  const byPath = new Map(tests.map(each => [each.path, each]))
  return tests.flatMap(each => {
    if (each.path.startsWith('test/e2e/')) return checkEndToEnd(each)
    if (each.path.startsWith('test/contract/')) return checkContract(each, byPath)
    if (each.path.startsWith('test/') && isTest(each.path))
      return [`${each.path}: tests are beside their module, in test/contract or in test/e2e/<noun>`]
    return each.path.startsWith('src/') ? checkBeside(each) : []
  })
}

function checkEndToEnd({ path, imports }: Module): string[] {
  const [, , noun = '', name] = path.split('/')
  const inHarness = path.startsWith(`${HARNESS}/`)
  if (name === undefined || (!inHarness && NOUNS[noun] === undefined))
    return [
      `${path}: put it into one of test/e2e/{${Object.keys(NOUNS).join(',')}}, or give ${noun} its line`,
    ]
  if (inHarness && isTest(path)) return [`${path}: the harness has no tests`]
  return imports
    .filter(target => target.startsWith('test/e2e/'))
    .filter(target => !target.startsWith(`test/e2e/${noun}/`) && !target.startsWith(`${HARNESS}/`))
    .map(target => `${path}: what two nouns use is in ${HARNESS}: ${target}`)
}

function checkContract(test: Module, byPath: ReadonlyMap<string, Module>): string[] {
  if (!isTest(test.path)) return []
  const reached = new Set([test.path])
  for (const path of reached)
    if (path.startsWith('test/')) for (const target of byPath.get(path)?.imports ?? []) reached.add(target)
  const folders = new Set(
    [...reached].filter(path => !path.startsWith('test/contract/')).map(path => partOf(path)),
  )
  folders.delete('test')
  folders.delete('src/diagnostics')
  if (folders.size > 1) return []
  return [
    `${test.path}: is no contract: it is of ${[...folders].join() || 'nothing'} alone, and stands there`,
  ]
}

function checkBeside({ path, imports }: Module): string[] {
  const owner = ownerOf(path) ?? ''
  const may = [owner, ...(ALLOWED[owner] ?? []), ...(TESTS_MAY[owner] ?? [])]
  return imports
    .filter(target => !isForTests(target) && FAR[path] !== target)
    .filter(target => !may.some(folder => target === folder || target.startsWith(`${folder}/`)))
    .map(target => `${path}: reaches ${target}, which ${owner} may not: as a contract it is in test/contract`)
}

/** Doubles, generators and the like: who writes tests may take them from anywhere. */
function isForTests(path: string): boolean {
  return path.includes('/testing/') || path.endsWith('.test-support.ts') || /^test\/[^/]+\.ts$/.test(path)
}

function isTest(path: string): boolean {
  return path.endsWith('.test.ts')
}

/** `src/parser`, `schemas`, `tools` … */
function partOf(path: string): string {
  return path.split('/', path.startsWith('src/') || path.startsWith('test/e2e/') ? 2 : 1).join('/')
}
