import { accessSync, constants } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { failure } from '../diagnostics/index.ts'

/**
 * Path of the native binary: $TSCOMPOSE_NATIVE, else beside the bundle, else where the Makefile puts it (from source).
 * Raises NATIVE_MISSING when there is none.
 */
export function findNative(env: Readonly<Record<string, string | undefined>> = process.env): string {
  const here = dirname(fileURLToPath(import.meta.url))
  const program = `tscompose-native-${process.arch}`
  const given = env['TSCOMPOSE_NATIVE']
  const candidates = given
    ? [given]
    : [
        join(here, program),
        join(here, '../../dist', program),
        join(here, '../../native/build/tscompose-native'),
      ]
  const found = candidates.find(isExecutable)
  if (found !== undefined) return found
  throw failure({
    code: 'NATIVE_MISSING',
    kind: 'unavailable',
    summary: `Native binary not found at ${candidates.map(path => `"${path}"`).join(', ')}`,
    hint: 'build it with `npm run build`',
  })
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error) return false
    throw error
  }
}
