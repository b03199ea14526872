import { readFile } from 'node:fs/promises'
import { posix } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { packTar, plainEntry } from '../../tar/index.ts'
import type { InjectedFile } from '../create-request/index.ts'

/** An archive of files at their paths below `/`. Contents are small, so it is built in memory. */
export async function packFiles(files: readonly InjectedFile[]): Promise<Uint8Array> {
  const mtime = Math.floor(Date.now() / 1000)
  const contents = await Promise.all(files.map(({ content }) => bytesOf(content)))
  const entries = files.map(({ target, owner, mode }, index) => {
    const bytes = contents[index] ?? Buffer.alloc(0)
    const name = Buffer.from(posix.normalize(target).replace(/^\/+/, '')).toString('latin1')
    const entry = plainEntry({ type: 'file', name, mode, ...owner, mtime, size: bytes.length })
    return { entry, content: bytes }
  })
  return await buffer(packTar(entries))
}

async function bytesOf(content: InjectedFile['content']): Promise<Buffer> {
  return typeof content === 'string' ? Buffer.from(content) : await readFile(content.file)
}
