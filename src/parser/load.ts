import type { LoadInput, LoadResult } from './contract.ts'

/** Loads Compose files into a project: text → Project, the Compose way, with positions to the end. */
export function load(input: LoadInput): LoadResult {
  const diagnostic = {
    severity: 'error',
    code: 'NOT_BUILT',
    summary: `load ${input.files.length} files: the loader is not built yet`,
  } as const
  return { diagnostics: [diagnostic], sources: new Map() }
}
