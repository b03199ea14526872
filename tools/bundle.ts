// Bundles the command line, the engine and the library into dist/, so that a start reads one file, and leaves V8's code
// cache of the two programs beside them (bin/start.cjs).
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, rmSync } from 'node:fs'
import { type BuildOptions, build, type Plugin } from 'esbuild'
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
await build({
  ...shared,
  entryPoints: { main: 'src/cli/main.ts', engine: 'src/cli/engine.ts' },
  outExtension: { '.js': '.cjs' },
  format: 'cjs',
  plugins: [commanderAlone],
  define: { 'import.meta.url': '__bundleUrl' },
  banner: { js: "const __bundleUrl = require('node:url').pathToFileURL(__filename).href;" },
})
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
writeCodeCache(['bin/tscompose', '-f', 'examples/lamp/compose.yaml', 'config', '-q'])
writeCodeCache(['bin/start.cjs', 'engine', '--check'])

/** Runs a program once for its code cache, with a command that goes through what every start goes through. */
function writeCodeCache(args: readonly string[]): void {
  const env = { PATH: process.env['PATH'], TSCOMPOSE_WRITE_CODE_CACHE: '1' }
  const { status, stderr } = spawnSync(process.execPath, args, { env, encoding: 'utf8' })
  if (status !== 0) throw new Error(`${args.join(' ')}: status ${status}\n${stderr}`)
}
