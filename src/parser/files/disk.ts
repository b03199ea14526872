import { existsSync, readFileSync } from 'node:fs'
import { errnoOf } from '../../diagnostics/index.ts'
import type { FileSystem } from '../contract.ts'

/** The real file system. */
export const disk: FileSystem = {
  readFile(path) {
    try {
      return readFileSync(path, 'utf8')
    } catch (error) {
      // Absent, or a part of the path is no folder: there is no such file.
      if (['ENOENT', 'ENOTDIR', 'EISDIR'].includes(errnoOf(error) ?? '')) return undefined
      throw error
    }
  },
  exists: existsSync,
}
