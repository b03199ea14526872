import { createHash, type Hash } from 'node:crypto'
import { createReadStream, type Stats } from 'node:fs'
import { lstat, readdir, readFile, readlink } from 'node:fs/promises'
import { bytesOfName } from '../../linux/name-text.ts'
import { deviceOf, FileNames, specialType } from '../../tar/index.ts'

interface Child {
  /** Bytes as latin1 text: two names that are not UTF-8 must not look alike. */
  readonly name: string
  readonly path: Buffer
  readonly stats: Stats
  /** What the entry is, content included; undefined for a folder. */
  readonly content: string | undefined
}

const SLASH = Buffer.from('/')
/** Read together: one after the other would wait for the disk each time. */
const TOGETHER = 32
const SMALL = 256 * 1024

/**
 * Digest of a tree on the host as COPY sees it: names, kinds, permission bits, link targets and content; not times and not
 * owners, which are no reason to copy again.
 */
export async function digestTree(hostPath: string): Promise<string> {
  const tree = { hash: createHash('sha256'), names: new FileNames() }
  await addEntry(tree, await childOf(bytesOfName(hostPath), ''))
  return tree.hash.digest('hex')
}

interface Tree {
  readonly hash: Hash
  readonly names: FileNames
}

async function addEntry(tree: Tree, { name, path, stats, content }: Child): Promise<void> {
  const mode = (stats.mode & 0o7777).toString(8)
  const first = stats.isFile() ? tree.names.linkOf(stats, name) : undefined
  const what = first === undefined ? (content ?? 'folder') : `hard link ${first}`
  tree.hash.update(JSON.stringify([name, mode, what]))
  if (content !== undefined) return
  const names = (await readdir(path, { encoding: 'buffer' })).sort(Buffer.compare)
  for (let at = 0; at < names.length; at += TOGETHER) {
    const children = names
      .slice(at, at + TOGETHER)
      .map(each => childOf(Buffer.concat([path, SLASH, each]), `${name}/${each.toString('latin1')}`))
    for (const child of await Promise.all(children)) await addEntry(tree, child)
  }
}

async function childOf(path: Buffer, name: string): Promise<Child> {
  const stats = await lstat(path)
  return { name, path, stats, content: stats.isDirectory() ? undefined : await contentOf(path, stats) }
}

async function contentOf(path: Buffer, stats: Stats): Promise<string> {
  if (stats.isSymbolicLink())
    return `link ${(await readlink(path, { encoding: 'buffer' })).toString('latin1')}`
  if (stats.isFile()) return `file ${await digestFile(path, stats.size)}`
  const type = specialType(stats)
  if (type === undefined || type === 'fifo') return `${type ?? 'socket'} `
  const { devMajor, devMinor } = deviceOf(stats.rdev)
  return `${type} ${devMajor}:${devMinor}`
}

async function digestFile(path: Buffer, size: number): Promise<string> {
  const hash = createHash('sha256')
  if (size <= SMALL) return hash.update(await readFile(path)).digest('hex')
  for await (const chunk of createReadStream(path, { highWaterMark: SMALL })) hash.update(chunk)
  return hash.digest('hex')
}
