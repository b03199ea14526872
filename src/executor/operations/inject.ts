import { buffer } from 'node:stream/consumers'
import { packTar, plainEntry } from '../../tar/index.ts'
import type { DockerContainer } from '../docker.ts'
import type { InjectedFile } from '../service-spec/index.ts'

/**
 * Puts files at their absolute paths into the container. `copyUIDGID` gives them to the user that it runs as, whom the
 * engine knows from the image's passwd file; without it owners are as the archive says.
 */
export async function putFiles(
  container: Pick<DockerContainer, 'putArchive'>,
  files: readonly InjectedFile[],
): Promise<void> {
  const owned = files.filter(({ owner }) => owner !== undefined)
  const others = files.filter(({ owner }) => owner === undefined)
  if (owned.length > 0) await container.putArchive(await packFiles(owned), { path: '/' })
  if (others.length > 0) await container.putArchive(await packFiles(others), { path: '/', copyUIDGID: true })
}

/** Contents are small, so the archive is built in memory. */
async function packFiles(files: readonly InjectedFile[]): Promise<Uint8Array> {
  const mtime = Math.floor(Date.now() / 1000)
  const entries = files.map(({ target, content, owner, mode }) => {
    const bytes = Buffer.from(content)
    const name = Buffer.from(target.replace(/^\/+/, '')).toString('latin1')
    const entry = plainEntry({ type: 'file', name, mode, ...owner, mtime, size: bytes.length })
    return { entry, content: bytes }
  })
  return await buffer(packTar(entries))
}
