import { createHash } from 'node:crypto'
import { bytesOfName } from '../../linux/name-text.ts'
import type { KeptEntry, KeptIndex } from './kept-index.ts'

/** Of the context's own folder, which no entry stands for: as the builder makes it. */
const TOP_MODE = '755'

/**
 * The digest that `digestTree` (builder/digest-tree.ts) would give of what lies at a path, by what the index knows. Entries
 * are sorted as it reads them; those of a folder follow it.
 */
export function digestOfKept({ entries }: KeptIndex, path: string): string {
  const top = bytesOfName(path.replace(/^\/+|\/+$/g, '')).toString('latin1')
  const hash = createHash('sha256')
  const files = new Map(
    entries.flatMap(entry => (entry.type === 'file' ? [[entry.name, entry] as const] : [])),
  )
  /** Of files with several names, what the first of them is called here. */
  const firsts = new Map<string, string>()
  if (top === '') hash.update(JSON.stringify(['', TOP_MODE, 'folder']))
  const prefix = top === '' ? '' : `${top}/`
  const first = top === '' ? 0 : entries.findIndex(({ name }) => name === top)
  for (let at = Math.max(first, 0); at < entries.length; at += 1) {
    const entry = entries[at]
    if (entry === undefined || !(entry.name === top || entry.name.startsWith(prefix))) break
    const name = shortened(entry.name, top)
    const file = entry.type === 'link' ? files.get(entry.link) : entry
    const first = entry.type === 'link' ? firsts.get(entry.link) : undefined
    if (file?.type === 'file' && first === undefined) firsts.set(file.name, name)
    const content = first === undefined ? contentOf(file ?? entry) : `hard link ${first}`
    hash.update(JSON.stringify([name, entry.mode.toString(8), content]))
  }
  return hash.digest('hex')
}

function shortened(name: string, top: string): string {
  return top === '' ? `/${name}` : name.slice(top.length)
}

function contentOf({ type, link, digest }: KeptEntry): string {
  switch (type) {
    case 'folder':
      return 'folder'
    case 'file':
      return `file ${digest}`
    case 'symlink':
    case 'link':
      return `link ${link}`
    default:
      return `${type} ${link}`
  }
}
