import { existsSync, readFileSync, statSync } from 'node:fs'
import { errnoOf } from '../../diagnostics/index.ts'
import type { FileSystem } from '../contract.ts'

/** The real file system. */
export const disk: FileSystem = {
  readFile(path) {
    try {
      return statSync(path).isFIFO() ? readPipe(path) : readFileSync(path, 'utf8')
    } catch (error) {
      // Absent, or a part of the path is no folder: there is no such file.
      if (['ENOENT', 'ENOTDIR', 'EISDIR'].includes(errnoOf(error) ?? '')) return undefined
      throw error
    }
  },
  exists: existsSync,
}

const ENDING = ['SIGINT', 'SIGTERM'] as const

/** Nobody may write to a pipe for long, and no handler of ours runs meanwhile: the signals do what they do by default. */
function readPipe(path: string): string {
  const handlers = ENDING.map(signal => [signal, process.listeners(signal)] as const)
  for (const signal of ENDING) process.removeAllListeners(signal)
  try {
    return readFileSync(path, 'utf8')
  } finally {
    for (const [signal, each] of handlers) for (const handler of each) process.on(signal, handler)
  }
}
