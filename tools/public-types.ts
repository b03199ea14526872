// Leaves in dist/types only the declarations that the library's entries reach: a package ships no more.
import { existsSync, readdirSync, readFileSync, rmdirSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const FOLDER = 'dist/types'
const ENTRIES = ['index.d.ts', 'parser/index.d.ts', 'client/entry.d.ts']

/** Every declaration that these reach, themselves included; `read` gives a file's text. */
export function reachedTypes(entries: readonly string[], read: (path: string) => string): Set<string> {
  const reached = new Set(entries)
  for (const path of reached)
    for (const [, target = ''] of read(path).matchAll(
      /(?:\bfrom|\bimport)\s*\(?\s*["'](\.[^"']*)\.[jt]s["']/g,
    ))
      reached.add(join(dirname(path), `${target}.d.ts`))
  return reached
}

function removeUnreached(): void {
  const entries = ENTRIES.map(name => join(FOLDER, name))
  const reached = reachedTypes(entries, path => readFileSync(path, 'utf8'))
  for (const name of readdirSync(FOLDER, { recursive: true, encoding: 'utf8' })) {
    const path = join(FOLDER, name)
    if (path.endsWith('.d.ts') && !reached.has(path)) rmSync(path)
  }
  removeEmptyFolders(FOLDER)
}

function removeEmptyFolders(folder: string): void {
  for (const entry of readdirSync(folder, { withFileTypes: true }))
    if (entry.isDirectory()) removeEmptyFolders(join(folder, entry.name))
  if (readdirSync(folder).length === 0) rmdirSync(folder)
}

if (process.argv[1] === fileURLToPath(import.meta.url) && existsSync(FOLDER)) removeUnreached()
