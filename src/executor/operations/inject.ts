import { pack } from 'tar-stream'
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
  const archive = pack()
  for (const { target, content, owner, mode } of files)
    archive.entry({ name: target.replace(/^\/+/, ''), mode, ...(owner ?? { uid: 0, gid: 0 }) }, content)
  archive.finalize()
  const chunks: Uint8Array[] = []
  for await (const chunk of archive) chunks.push(chunk as Uint8Array)
  return Buffer.concat(chunks)
}
