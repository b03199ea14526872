// Bundles the command line, the engine and the library into dist/, so that a start reads few files, and leaves V8's code
// caches of the two programs beside them (bin/start.cjs).
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, parse } from 'node:path'
import { text } from 'node:stream/consumers'
import { type BuildOptions, build, type Metafile, type Plugin, transform } from 'esbuild'
import { describeCommandLine } from '../src/cli/describe.ts'
import { renderManual } from '../src/cli/shell/manual.ts'
import { VERSION } from '../src/cli/version.ts'
import { compileSchema } from '../src/parser/schema/compile.ts'
import { buildTimeOf } from './build-time.ts'
import { writeModelTypes } from './model-types.ts'
import { createWarmUpEngine } from './warm-up-engine.ts'

const shared: BuildOptions = {
  outdir: 'dist',
  bundle: true,
  platform: 'node',
  target: 'node20',
  // Names stay, so that a stack trace can be read. ASCII alone: bin/start.cjs reads it as Latin-1, which is quicker.
  minifyWhitespace: true,
  minifySyntax: true,
  charset: 'ascii',
  legalComments: 'none',
  logLevel: 'warning',
}

/**
 * Commander loads node:child_process for sub-commands that are programs of their own. We have none, and loading it takes
 * as long as all of our own start.
 */
const commanderAlone: Plugin = {
  name: 'commander-alone',
  setup(bundle) {
    bundle.onResolve({ filter: /^node:child_process$/ }, ({ importer }) =>
      importer.includes('/commander/') ? { path: 'none', namespace: 'empty' } : undefined,
    )
    bundle.onLoad({ filter: /.*/, namespace: 'empty' }, () => ({ contents: 'module.exports = {}' }))
  },
}

writeModelTypes()
/** Commands that list what there is: what they read beside that is in one file, themselves among it. */
const LISTS = ['ps/index', 'ls', 'images', 'volumes', 'top'].map(name => `src/cli/commands/${name}.ts`)

/** Commands that are run all day: what they all read is read at once. */
const EVERYDAY = ['ps/index', 'exec/index', 'up/index', 'down'].map(name => `src/cli/commands/${name}.ts`)

/** Commands whose code a worker of the command host reads before it is asked for one. */
const HOSTED = [
  'ps/index',
  'ls',
  'images',
  'top',
  'logs/index',
  'exec/index',
  'run/index',
  'up/index',
  'down',
]

/** Commands that the code cache of the command host's workers is made with, and their statuses. */
const REHEARSED: readonly (readonly [words: readonly string[], status: number])[] = [
  [['ps'], 0],
  [['ps', '--format', '{{json .Name}}'], 0],
  [['ls'], 0],
  [['images'], 0],
  [['exec', '-T', 'web', 'true'], 0],
  [['up', '-d', '--wait'], 1],
  [['build'], 1],
  [['restart'], 0],
  [['down'], 0],
]

await compileSchema()
rmSync('dist', { recursive: true, force: true })
mkdirSync('dist', { recursive: true })
await bundlePrograms()
await build({
  ...shared,
  entryPoints: { index: 'src/index.ts', parser: 'src/parser/index.ts', client: 'src/client/entry.ts' },
  format: 'esm',
  splitting: true,
  // CommonJS packages inside an ESM bundle call require() for Node's own modules.
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
  },
  chunkNames: 'chunks/[name]-[hash]',
})
mkdirSync('dist/man')
writeFileSync('dist/man/tscompose.1', renderManual(await describeCommandLine(), VERSION))
await warmUp()

/** Fills the code caches: each run adds what it compiled to what the runs before it left. */
async function warmUp(): Promise<void> {
  const socket = join(mkdtempSync(join(tmpdir(), 'tscompose-build-')), 'engine.sock')
  const engine = createWarmUpEngine().listen(socket)
  await once(engine, 'listening')
  try {
    const template = ['ps', '--format', '{{json .Name}}']
    for (const command of [['config', '-q'], ['ps'], template, ['ls'], ['exec', '-T', 'web', 'true']])
      await writeCodeCache(['bin/tscompose', ...command], socket, 0)
    // It ends when its first image is not built: what comes before is the same for every project.
    await writeCodeCache(['bin/tscompose', 'up', '-d', '--wait'], socket, 1)
    await writeCodeCache(['bin/tscompose', 'down'], socket, 0)
    await writeCodeCache(['bin/start.cjs', 'engine', '--check'], socket, 0)
    for (const [words, status] of REHEARSED)
      await writeCodeCache(['bin/start.cjs', 'command-worker', ...words], socket, status)
  } finally {
    engine.closeAllConnections()
    engine.close()
    rmSync(dirname(socket), { recursive: true })
  }
}

/**
 * Splits both programs where a command is loaded lazily (only esbuild's ESM output is split), then makes CommonJS of each
 * file: Node's loader of modules takes no code cache. What every start of a command reads is put into few files again.
 */
async function bundlePrograms(): Promise<void> {
  const { outputFiles, metafile } = await build({
    ...shared,
    entryPoints: {
      main: 'src/cli/main.ts',
      engine: 'src/cli/begin-engine.ts',
      'unpack-worker': 'src/image/layer/worker/unpack-worker.ts',
      'command-worker': 'src/cli/host/command-worker.ts',
    },
    outdir: 'dist/programs',
    format: 'esm',
    splitting: true,
    write: false,
    metafile: true,
    plugins: [commanderAlone],
    define: { 'import.meta.url': '__bundle.url' },
  })
  mkdirSync('dist/programs', { recursive: true })
  const files = new Map<string, string>()
  for (const { path, text } of outputFiles) {
    const { code } = await transform(text.replaceAll(/(["'])(\.\/[\w-]+)\.js\1/g, '$1$2.cjs$1'), {
      format: 'cjs',
      platform: 'node',
      target: 'node20',
      charset: 'ascii',
      minifyWhitespace: true,
      supported: { 'dynamic-import': false },
    })
    checkAscii(path, code)
    files.set(`${parse(path).name}.cjs`, code)
  }
  files.set(
    'engine.cjs',
    `__keep(${JSON.stringify(lazyFiles('src/cli/begin-engine.ts', metafile))});${files.get('engine.cjs')}`,
  )
  // bin/start.cjs takes it as it is: putting something around it there would be a copy, which stays for a while.
  for (const [name, code] of [...files, ...packed(files, metafile)])
    writeFileSync(
      join('dist/programs', name),
      `(function(exports,require,module,__bundle,__parts,__keep){${code}\n})`,
    )
  // By it an engine of an earlier build is known.
  const digest = createHash('sha256')
  for (const code of files.values()) digest.update(code)
  writeFileSync('dist/programs/build', digest.digest('hex').slice(0, 16))
  writeFileSync('dist/programs/built', buildTimeOf('.', process.env))
}

/** What a program reads later than at its start, and all that is read for it. */
function lazyFiles(entry: string, { outputs }: Metafile): string[] {
  const start = Object.keys(outputs).find(path => outputs[path]?.entryPoint === entry) ?? ''
  const atStart = new Set([start, ...readBy(start, outputs)])
  const found = new Set(atStart)
  for (const path of found)
    for (const { path: next } of outputs[path]?.imports ?? []) if (next in outputs) found.add(next)
  return [...found].filter(path => !atStart.has(path)).map(path => `${parse(path).name}.cjs`)
}

/**
 * `main.cjs` with all that it reads at its start, `everyday.cjs` with what the everyday commands all read then, `lists.cjs` with what
 * lists read, and `command-worker.cjs` with all that a worker of the command host has ready: a file takes longer to find and open than most take to run. bin/start.cjs asks `__parts` before it looks for a file.
 */
function packed(codes: ReadonlyMap<string, string>, { outputs }: Metafile): [name: string, code: string][] {
  const pathOf = (entry: string): string =>
    Object.keys(outputs).find(path => outputs[path]?.entryPoint === entry) ?? ''
  const nameOf = (path: string): string => `${parse(path).name}.cjs`
  const partOf = (path: string): string => {
    const name = nameOf(path)
    return `__parts.set(${JSON.stringify(name)},function(exports,require,module,__bundle){${codes.get(name)}\n});`
  }
  const main = readBy(pathOf('src/cli/main.ts'), outputs)
  const [first = new Set<string>(), ...others] = EVERYDAY.map(entry => readBy(pathOf(entry), outputs))
  const everyday = [...first].filter(path => !main.has(path) && others.every(other => other.has(path)))
  const lists = new Set(LISTS.flatMap(entry => [pathOf(entry), ...readBy(pathOf(entry), outputs)]))
  const worker = new Set(
    [...HOSTED.map(name => `src/cli/commands/${name}.ts`), 'src/cli/host/command-worker.ts'].flatMap(
      entry => {
        const path = pathOf(entry)
        return [...readBy(path, outputs), ...(entry.includes('/host/') ? [] : [path])]
      },
    ),
  )
  const ofLists = [...lists].filter(path => !main.has(path) && !everyday.includes(path))
  const places = (file: string, paths: readonly string[]): string =>
    `for(const name of ${JSON.stringify(paths.map(nameOf))})__parts.set(name,${JSON.stringify(file)});`
  const found = places('everyday.cjs', everyday) + places('lists.cjs', ofLists)
  return [
    ['everyday.cjs', everyday.map(partOf).join('')],
    ['lists.cjs', ofLists.map(partOf).join('')],
    ['command-worker.cjs', `${[...worker].map(partOf).join('')}${codes.get('command-worker.cjs')}`],
    ['main.cjs', `${found}${[...main].map(partOf).join('')}${codes.get('main.cjs')}`],
  ]
}

/** The files that one reads before it runs, and those that they read. */
function readBy(path: string, outputs: Metafile['outputs'], found: Set<string> = new Set()): Set<string> {
  for (const { path: next, kind } of outputs[path]?.imports ?? [])
    if (kind === 'import-statement' && next in outputs && !found.has(next)) {
      found.add(next)
      readBy(next, outputs, found)
    }
  return found
}

/** The start reads the files as latin1, and regular expressions are not escaped: other characters would match nothing. */
function checkAscii(path: string, code: string): void {
  const other = code.search(/[\u0080-\uffff]/)
  if (other < 0) return
  const place = code.slice(Math.max(0, other - 40), other + 40)
  throw new Error(`${path}: write \\uXXXX in a regular expression for what is not ASCII, at ${place}`)
}

/** Runs a program once for its code caches; it must end with this status. */
async function writeCodeCache(args: readonly string[], socket: string, expected: number): Promise<void> {
  const env = {
    PATH: process.env['PATH'],
    HOME: dirname(socket),
    COMPOSE_FILE: 'examples/lamp/compose.yaml',
    // As an engine of our own, which each command holds and whose projects it locks.
    TSCOMPOSE_RUN: dirname(socket),
    TSCOMPOSE_ROOT: dirname(socket),
    TSCOMPOSE_WRITE_CODE_CACHE: args.includes('engine') ? 'all' : 'used',
  }
  const child = spawn(process.execPath, args, {
    env,
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const [stderr, [status]] = await Promise.all([text(child.stderr), once(child, 'close')])
  if (status !== expected) throw new Error(`${args.join(' ')}: status ${status}\n${stderr}`)
}
