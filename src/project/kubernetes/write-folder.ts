import { mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { OutputFile } from '../../deploy/kubernetes/index.ts'
import { errnoOf, failure, messageOf } from '../../diagnostics/index.ts'
import { readIfThereSync } from '../../linux/read-if-there.ts'

/**
 * Writes files into a folder, each whole or not at all, with secrets for their owner alone. Of what is there, files go that begin
 * with `header` and are not among them: an earlier run has made them. Raises OUTPUT_FILE; a file of somebody else's is not replaced.
 */
export function writeFolder(folder: string, files: readonly OutputFile[], header: string): void {
  try {
    const foreign = files.find(({ path }) => isForeign(join(folder, path), header))
    if (foreign !== undefined)
      throw failure({
        code: 'OUTPUT_FILE',
        kind: 'conflict',
        summary: `"${join(folder, foreign.path)}" is there already, and was not made by an earlier run`,
        hint: 'name another folder, or remove it',
      })
    for (const { path, text, isSecret } of files) writeOne(join(folder, path), text, isSecret ? 0o600 : 0o644)
    const wanted = new Set(files.map(({ path }) => path))
    for (const below of ['', 'templates'])
      for (const name of namesIn(join(folder, below))) {
        const path = join(below, name)
        if (!wanted.has(path) && isMade(join(folder, path), header)) rmSync(join(folder, path))
      }
  } catch (error) {
    if (errnoOf(error) === undefined) throw error
    throw failure({
      code: 'OUTPUT_FILE',
      kind: 'invalidArgument',
      summary: `the folder "${folder}" cannot be written: ${messageOf(error)}`,
      cause: error,
    })
  }
}

function writeOne(path: string, text: string, mode: number): void {
  mkdirSync(dirname(path), { recursive: true })
  const part = `${path}.${process.pid}.part`
  rmSync(part, { force: true })
  // Its mode is there before its text is.
  writeFileSync(part, text, { mode, flag: 'wx' })
  renameSync(part, path)
}

function isForeign(path: string, header: string): boolean {
  const text = readIfThereSync(path)
  return text !== undefined && !text.startsWith(header)
}

function isMade(path: string, header: string): boolean {
  return path.endsWith('.yaml') && readIfThereSync(path)?.startsWith(header) === true
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter(entry => entry.isFile())
      .map(({ name }) => name)
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return []
    throw error
  }
}
