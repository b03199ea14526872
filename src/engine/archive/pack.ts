import { createReadStream, type Stats } from 'node:fs'
import { lstat, readdir, readlink } from 'node:fs/promises'
import { join, posix } from 'node:path'
import type { Header, Pack } from 'tar-stream'

type EntryHeader = Partial<Header> & Pick<Header, 'name'>

/**
 * Packs a tree of our own (nobody else can change it) as a tar: `name` is what the top is called inside. Owners, modes,
 * times and links are kept; further names of one file are hard links.
 */
export async function packTree(pack: Pack, top: string, name: string): Promise<void> {
  const seen = new Map<number, string>()
  const visit = async (path: string, entryName: string): Promise<void> => {
    const stats = await lstat(path)
    const known = stats.nlink > 1 && !stats.isDirectory() ? seen.get(stats.ino) : undefined
    if (known !== undefined) {
      await addEntry(pack, { ...headerOf(stats, entryName), type: 'link', linkname: known, size: 0 })
      return
    }
    seen.set(stats.ino, entryName)
    if (stats.isDirectory()) {
      await addEntry(pack, { ...headerOf(stats, `${entryName}/`), type: 'directory', size: 0 })
      for (const child of (await readdir(path)).sort())
        await visit(join(path, child), posix.join(entryName, child))
    } else if (stats.isSymbolicLink()) {
      const linkname = await readlink(path)
      await addEntry(pack, { ...headerOf(stats, entryName), type: 'symlink', linkname, size: 0 })
    } else if (stats.isFile()) {
      await addFile(pack, path, headerOf(stats, entryName))
    } else if (stats.isFIFO()) {
      await addEntry(pack, { ...headerOf(stats, entryName), type: 'fifo', size: 0 })
    }
  }
  await visit(top, name)
}

function headerOf(stats: Stats, name: string): EntryHeader {
  return {
    name,
    mode: stats.mode & 0o7777,
    uid: stats.uid,
    gid: stats.gid,
    mtime: stats.mtime,
    size: stats.size,
  }
}

function addEntry(pack: Pack, header: EntryHeader): Promise<void> {
  return new Promise((resolve, reject) => {
    pack.entry(header, error => (error ? reject(error) : resolve()))
  })
}

async function addFile(pack: Pack, path: string, header: EntryHeader): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const entry = pack.entry({ ...header, type: 'file' }, error => (error ? reject(error) : resolve()))
    fill(entry, path).catch(reject)
  })
}

async function fill(entry: ReturnType<Pack['entry']>, path: string): Promise<void> {
  for await (const chunk of createReadStream(path)) {
    if (!entry.write(chunk)) await new Promise<void>(resolve => entry.once('drain', () => resolve()))
  }
  entry.end(null)
}
