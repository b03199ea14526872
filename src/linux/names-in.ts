import { readdirSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { errnoOf } from '../diagnostics/index.ts'

/** Names of what is in a folder; none where it is not there. */
export async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder)
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return []
    throw error
  }
}

/** The same at once, where the folder is small. */
export function namesInSync(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return []
    throw error
  }
}
