import { createHash } from 'node:crypto'
import type { KeptEntry, KeptIndex } from './kept-index.ts'

/** Of the context's own folder, which no entry stands for: as the builder makes it. */
const TOP_MODE = '755'

/**
 * The digest that `digestTree` (builder/digest-tree.ts) would give of what lies at a path, by what the index knows. Entries
 * are sorted as it reads them; those of a folder follow it.
 */
export function digestOfKept({ entries }: KeptIndex, path: string): string {
  const top = Buffer.from(path.replace(/^\/+|\/+$/g, '')).toString('latin1')
  const hash = createHash('sha256')
  if (top === '') hash.update(JSON.stringify(['', TOP_MODE, 'folder']))
  const prefix = top === '' ? '' : `${top}/`
  const first = top === '' ? 0 : entries.findIndex(({ name }) => name === top)
  for (let at = Math.max(first, 0); at < entries.length; at += 1) {
    const entry = entries[at]
    if (entry === undefined || !(entry.name === top || entry.name.startsWith(prefix))) break
    hash.update(JSON.stringify([shortened(entry.name, top), entry.mode.toString(8), contentOf(entry)]))
  }
  return hash.digest('hex')
}

function shortened(name: string, top: string): string {
  return top === '' ? `/${name}` : name.slice(top.length)
}

function contentOf({ type, link, digest }: KeptEntry): string {
  if (type === 'folder') return 'folder'
  return type === 'file' ? `file ${digest}` : `link ${link}`
}
