import { existsSync } from 'node:fs'

/** Runs once before the end-to-end tests: they use what `npm run build` made. */
export default function setup(): void {
  for (const path of [
    'dist/programs/main.cjs',
    'dist/programs/engine.cjs',
    `dist/tscompose-native-${process.arch}`,
  ])
    if (!existsSync(path)) throw new Error(`${path} is missing: run \`npm run build\` first`)
  if (process.getuid?.() !== 0) throw new Error('the end-to-end tests need root')
}
