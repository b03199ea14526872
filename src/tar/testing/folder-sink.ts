import {
  closeSync,
  linkSync,
  lutimesSync,
  mkdirSync,
  openSync,
  rmSync,
  symlinkSync,
  writeSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import type { TarEntry } from '../entry.ts'
import type { TreeSink } from '../sink.ts'

/** A sink for tests that need no root: by paths, so only for archives that mean no harm. Owners are left out. */
export function folderSink(folder: string, prefix = ''): TreeSink {
  const at = (name: string): Buffer => Buffer.concat([top, Buffer.from(`/${name}`, 'latin1')])
  const top = Buffer.from(join(folder, prefix))
  let file: { readonly fd: number; left: number } | undefined
  const write = (chunk: Uint8Array): void => {
    if (file === undefined) return
    writeSync(file.fd, chunk)
    file.left -= chunk.length
    if (file.left > 0) return
    closeSync(file.fd)
    file = undefined
  }
  const make = (entry: TarEntry, path: Buffer): void => {
    if (entry.type === 'folder') mkdirSync(path, { recursive: true, mode: entry.mode })
    if (entry.type === 'symlink') symlinkSync(Buffer.from(entry.linkName, 'latin1'), path)
    if (entry.type === 'link') linkSync(at(entry.linkName), path)
    if (entry.type !== 'file') return
    file = { fd: openSync(path, 'wx', entry.mode), left: entry.size }
    write(new Uint8Array())
  }
  return {
    entry: entry => {
      const path = at(entry.name)
      mkdirSync(Buffer.from(dirname(path.toString('latin1')), 'latin1'), { recursive: true })
      if (entry.type !== 'folder') rmSync(path, { recursive: true, force: true })
      make(entry, path)
    },
    data: write,
    folderTime: ({ name, mtime }) => lutimesSync(at(name), mtime, mtime),
    ready: async () => undefined,
  }
}
