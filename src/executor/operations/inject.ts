import { pack } from 'tar-stream'
import type { InjectedFile } from '../service-spec/index.ts'

/** A tar with the files at their absolute paths, owners and modes kept. Contents are small, so it is built in memory. */
export async function packFiles(files: readonly InjectedFile[]): Promise<Uint8Array> {
  const archive = pack()
  for (const { target, content, uid, gid, mode } of files)
    archive.entry({ name: target.replace(/^\/+/, ''), mode, uid, gid }, content)
  archive.finalize()
  const chunks: Uint8Array[] = []
  for await (const chunk of archive) chunks.push(chunk as Uint8Array)
  return Buffer.concat(chunks)
}
