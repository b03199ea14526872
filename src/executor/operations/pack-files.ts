import { buffer } from 'node:stream/consumers'
import { packTar, plainEntry } from '../../tar/index.ts'
import type { InjectedFile } from '../create-request/index.ts'

/** An archive of files at their paths below `/`. Contents are small, so it is built in memory. */
export async function packFiles(files: readonly InjectedFile[]): Promise<Uint8Array> {
  const mtime = Math.floor(Date.now() / 1000)
  const entries = files.map(({ target, content, owner, mode }) => {
    const bytes = Buffer.from(content)
    const name = Buffer.from(target.replace(/^\/+/, '')).toString('latin1')
    const entry = plainEntry({ type: 'file', name, mode, ...owner, mtime, size: bytes.length })
    return { entry, content: bytes }
  })
  return await buffer(packTar(entries))
}
