// Bundles the command line, the engine and the library into dist/, so that a start reads few files, and leaves V8's code
// caches of the two programs beside them (bin/start.cjs).
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join, parse } from 'node:path'
import { type BuildOptions, build, type Plugin, transform } from 'esbuild'
import { compileSchema } from '../src/parser/schema/compile.ts'

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
// Each run adds what it compiled to what the runs before it left. Where there is no engine, commands end when they call it.
writeCodeCache(['bin/tscompose', 'config', '-q'], 0)
for (const command of [['up', '-d', '--wait'], ['down'], ['ps'], ['logs'], ['exec', 'web', 'true']])
  writeCodeCache(['bin/tscompose', ...command], 1)
writeCodeCache(['bin/start.cjs', 'engine', '--check'], 0)

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
    writeFileSync(join('dist/programs', `${parse(path).name}.cjs`), code)
  }
}

/** Runs a program once for its code caches; it must end with this status. */
function writeCodeCache(args: readonly string[], expected: number): void {
  const env = {
    PATH: process.env['PATH'],
    COMPOSE_FILE: 'examples/lamp/compose.yaml',
    DOCKER_HOST: 'unix:///nobody/listens/here',
    TSCOMPOSE_WRITE_CODE_CACHE: '1',
  }
  const { status, stderr } = spawnSync(process.execPath, args, { env, encoding: 'utf8' })
  if (status !== expected) throw new Error(`${args.join(' ')}: status ${status}\n${stderr}`)
}
