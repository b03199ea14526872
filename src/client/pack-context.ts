import { createReadStream } from 'node:fs'
import { lstat, readdir, readFile, readlink } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import dockerignore, { type Ignore } from '@balena/dockerignore'
import { type Pack, pack } from 'tar-stream'
import { errnoOf } from '../diagnostics/index.ts'

/** The tar of the wanted paths of a folder, folders whole, without what its `.dockerignore` names. Sorted. */
export async function packContext(folder: string, paths: readonly string[]): Promise<Readable> {
  const rules = await readIgnore(folder)
  const tar = pack()
  const write = async (): Promise<void> => {
    for (const path of paths) await add(tar, folder, path.replace(/^\.\/|\/$/g, ''), rules)
    tar.finalize()
  }
  write().catch(error => tar.destroy(error))
  // tar-stream's streams are not Node's: what pipes them further expects one of those.
  return Readable.from(tar, { objectMode: false })
}

async function readIgnore(folder: string): Promise<Ignore> {
  try {
    return dockerignore.default().add(await readFile(join(folder, '.dockerignore'), 'utf8'))
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return dockerignore.default()
    throw error
  }
}

async function add(tar: Pack, folder: string, path: string, rules: Ignore): Promise<void> {
  const source = join(folder, path)
  const stat = await lstat(source)
  const header = { name: path, mode: stat.mode & 0o7777, mtime: stat.mtime, uid: 0, gid: 0 }
  if (stat.isDirectory()) {
    // A folder that is ignored may still hold what an exception keeps.
    if (path !== '' && path !== '.' && !rules.ignores(path)) tar.entry({ ...header, type: 'directory' })
    for (const name of (await readdir(source)).sort()) await add(tar, folder, join(path, name), rules)
    return
  }
  if (rules.ignores(path)) return
  if (stat.isSymbolicLink()) tar.entry({ ...header, type: 'symlink', linkname: await readlink(source) })
  else if (stat.isFile()) await pipeline(createReadStream(source), tar.entry({ ...header, size: stat.size }))
}
