// Bundles the command line, the engine and the library into dist/, so that a start reads few files.
import { cpSync, existsSync, mkdirSync, rmSync } from 'node:fs'
import { build } from 'esbuild'

const entries: Record<string, string> = {
  main: 'src/cli/main.ts',
  engine: 'src/cli/engine.ts',
  index: 'src/index.ts',
  parser: 'src/parser/index.ts',
}
if (existsSync('src/parser/schema/compile.ts')) {
  const { compileSchema } = await import('../src/parser/schema/compile.ts')
  await compileSchema()
}

rmSync('dist', { recursive: true, force: true })
mkdirSync('dist', { recursive: true })
await build({
  entryPoints: Object.fromEntries(Object.entries(entries).filter(([, path]) => existsSync(path))),
  outdir: 'dist',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  // CommonJS packages inside an ESM bundle call require() for Node's own modules.
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
  },
  chunkNames: 'chunks/[name]-[hash]',
  legalComments: 'none',
  logLevel: 'warning',
})
cpSync('native/build/tscompose-native', 'dist/tscompose-native')
