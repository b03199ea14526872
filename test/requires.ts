import { accessSync, constants, existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { describe, type TestOptions, test } from 'vitest'

/** Something beyond Node and this repository that a test needs. */
export interface Need {
  readonly what: string
  /** Why it is not to be had here; undefined if it is. */
  readonly missing: string | undefined
}

/** Chowns, namespaces and mounts take root. */
export const root: Need = { what: 'root', missing: process.getuid?.() === 0 ? undefined : 'not root' }

/** A program in PATH. */
export function program(name: string): Need {
  const folders = (process.env['PATH'] ?? '').split(delimiter)
  const isThere = folders.some(folder => isExecutable(join(folder, name)))
  return { what: name, missing: isThere ? undefined : 'not installed' }
}

/** A file or folder, named by what it is to the reader. */
export function present(what: string, path: string | undefined): Need {
  const isThere = path !== undefined && existsSync(path)
  return { what, missing: isThere ? undefined : path === undefined ? 'not installed' : `not at ${path}` }
}

/** A variable that must be set since the test takes long or goes far. */
export function asked(variable: string): Need {
  return { what: `${variable}=1`, missing: process.env[variable] === '1' ? undefined : 'not set' }
}

/** Between a test's own name and why it is skipped; the list at the end of a run is made from it. */
export const REQUIRES = ' — requires '

/** Stands for vitest's `describe` and `test` where their like is to run only with what it needs. */
export interface Gate {
  readonly describe: (name: string, body: () => void) => void
  readonly test: (name: string, options: TestOptions, body: () => void | Promise<void>) => void
}

/**
 * The one way to skip: `requires(program('strace')).describe(…)`. What cannot run here is counted as skipped, and
 * `skipped-reporter.ts` tells the reason in one list when all is done.
 */
export function requires(...needs: readonly Need[]): Gate {
  const missing = needs.flatMap(({ what, missing: why }) => (why === undefined ? [] : [`${what} (${why})`]))
  if (missing.length === 0) return { describe, test }
  const named = (name: string): string => `${name}${REQUIRES}${missing.join(' and ')}`
  return {
    describe: (name, body) => void describe.skip(named(name), body),
    test: (name, options, body) => void test.skip(named(name), options, body),
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
