import { readFileSync } from 'node:fs'
import { errnoOf } from '../diagnostics/index.ts'

/** Reads a file at once; undefined when there is none. Its twin that waits is in atomic-file.ts, which loads more of Node. */
export function readIfThereSync(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined
    throw error
  }
}

/** Reads a file of the kernel's at once; undefined where it has none, or does not give it, for whatever reason. */
export function readIfGivenSync(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (errnoOf(error) !== undefined) return undefined
    throw error
  }
}
