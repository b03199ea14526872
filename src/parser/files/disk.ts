import { existsSync, readFileSync, statSync } from 'node:fs'
import { errnoOf } from '../../diagnostics/index.ts'
import type { FileSystem } from '../contract.ts'

/** The real file system. */
export const disk: FileSystem = {
  readFile(path) {
    try {
      const read = (): string => readFileSync(path, 'utf8')
      return statSync(path).isFIFO() ? endedBySignals(read) : read()
    } catch (error) {
      // Absent, or a part of the path is no folder: there is no such file.
      if (['ENOENT', 'ENOTDIR', 'EISDIR'].includes(errnoOf(error) ?? '')) return undefined
      throw error
    }
  },
  exists: existsSync,
}

const ENDING = ['SIGINT', 'SIGTERM'] as const

/** Nobody may write to a pipe or type for long, and no handler of ours runs meanwhile: the signals do what they do by default. */
export function endedBySignals<T>(read: () => T): T {
  const handlers = ENDING.map(signal => [signal, process.listeners(signal)] as const)
  for (const signal of ENDING) process.removeAllListeners(signal)
  try {
    return read()
  } finally {
    for (const [signal, each] of handlers) for (const handler of each) process.on(signal, handler)
  }
}
