// Bundles the command line, the engine and the library into dist/, so that a start reads few files, and leaves V8's code
// caches of the two programs beside them (bin/start.cjs).
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, parse } from 'node:path'
import { text } from 'node:stream/consumers'
import { type BuildOptions, build, type Plugin, transform } from 'esbuild'
import { describeCommandLine } from '../src/cli/shell/describe.ts'
import { renderManual } from '../src/cli/shell/manual.ts'
import { VERSION } from '../src/cli/version.ts'
import { compileSchema } from '../src/parser/schema/compile.ts'
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
await compileSchema()
rmSync('dist', { recursive: true, force: true })
mkdirSync('dist', { recursive: true })
await bundlePrograms()
await build({
  ...shared,
  entryPoints: { index: 'src/index.ts', parser: 'src/parser/index.ts' },
  format: 'esm',
  splitting: true,
  // CommonJS packages inside an ESM bundle call require() for Node's own modules.
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
  },
  chunkNames: 'chunks/[name]-[hash]',
})
cpSync('native/build/tscompose-native', 'dist/tscompose-native')
mkdirSync('dist/man')
writeFileSync('dist/man/tscompose.1', renderManual(await describeCommandLine(), VERSION))
await warmUp()

/** Fills the code caches: each run adds what it compiled to what the runs before it left. */
async function warmUp(): Promise<void> {
  const socket = join(mkdtempSync(join(tmpdir(), 'tscompose-build-')), 'engine.sock')
  const engine = createWarmUpEngine().listen(socket)
  await once(engine, 'listening')
  try {
    for (const command of [['config', '-q'], ['ps'], ['exec', '-T', 'web', 'true']])
      await writeCodeCache(['bin/tscompose', ...command], socket, 0)
    // These end at the first answer that they cannot use: what comes before is the same for every project.
    for (const command of [['up', '-d', '--wait'], ['down']])
      await writeCodeCache(['bin/tscompose', ...command], socket, 1)
    await writeCodeCache(['bin/start.cjs', 'engine', '--check'], socket, 0)
  } finally {
    engine.closeAllConnections()
    engine.close()
    rmSync(dirname(socket), { recursive: true })
  }
}

/**
 * Splits both programs where a command is loaded lazily (only esbuild's ESM output is split), then makes CommonJS of each
 * file: Node's loader of modules takes no code cache.
 */
async function bundlePrograms(): Promise<void> {
  const { outputFiles } = await build({
    ...shared,
    entryPoints: { main: 'src/cli/main.ts', engine: 'src/cli/engine.ts' },
    outdir: 'dist/programs',
    format: 'esm',
    splitting: true,
    write: false,
    plugins: [commanderAlone],
    define: { 'import.meta.url': '__bundle.url' },
  })
  mkdirSync('dist/programs', { recursive: true })
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
    writeFileSync(join('dist/programs', `${parse(path).name}.cjs`), code)
  }
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
    COMPOSE_FILE: 'examples/lamp/compose.yaml',
    DOCKER_HOST: `unix://${socket}`,
    TSCOMPOSE_WRITE_CODE_CACHE: '1',
  }
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'ignore', 'pipe'] })
  const [stderr, [status]] = await Promise.all([text(child.stderr), once(child, 'close')])
  if (status !== expected) throw new Error(`${args.join(' ')}: status ${status}\n${stderr}`)
}
