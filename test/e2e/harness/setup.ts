import { existsSync } from 'node:fs'
import { allHaveEnded } from './ending-engines.ts'

/** Runs once before the end-to-end tests: they use what `npm run build` made. Fails the run where an engine of theirs does not end. */
export default function setup(): () => Promise<void> {
  for (const path of [
    'dist/programs/main.cjs',
    'dist/programs/engine.cjs',
    `dist/tscompose-native-${process.arch}`,
  ])
    if (!existsSync(path)) throw new Error(`${path} is missing: run \`npm run build\` first`)
  if (process.getuid?.() !== 0) throw new Error('the end-to-end tests need root')
  return () =>
    allHaveEnded().catch(error => {
      process.exitCode = 1 // vitest tells of what fails here, and does not fail
      throw error
    })
}
