import { posix } from 'node:path'
import type { Diagnostic } from '../../diagnostics/index.ts'
import { compareSecrets, injectedText, type SecretValues } from '../../planner/index.ts'
import type { InjectedFile } from '../create-request/index.ts'
import type { DockerContainer } from '../docker.ts'
import { sealedSecretsOf } from '../observe/container.ts'

/**
 * Puts files at their absolute paths into the container. `copyUIDGID` gives them to the user that it runs as, whom the
 * engine knows from the image's passwd file; without it owners are as the archive says. The engine keeps `injected`, where it
 * can, once all are in.
 */
export async function putFiles(
  container: Pick<DockerContainer, 'putArchive'>,
  files: readonly InjectedFile[],
  injected?: string,
): Promise<void> {
  const kept = injected === undefined ? {} : { injected }
  const owned = files.filter(({ owner }) => owner !== undefined)
  const others = files.filter(({ owner }) => owner === undefined)
  const to = (some: readonly InjectedFile[]): { path: string; overMounts: string[] } => ({
    path: '/',
    overMounts: some.map(({ target }) => posix.normalize(target)),
  })
  if (owned.length > 0)
    await container.putArchive(await packFiles(owned), { ...to(owned), ...(others.length > 0 ? {} : kept) })
  if (others.length > 0)
    await container.putArchive(await packFiles(others), { ...to(others), copyUIDGID: true, ...kept })
}

/**
 * As `putFiles`, of a service's secrets and configs: the container tells from then on what it was given (digests). A Docker
 * Engine does not, and a container that has another content than its label says there is warned of.
 */
export async function putContents(
  container: Pick<DockerContainer, 'putArchive' | 'inspect'>,
  files: readonly InjectedFile[],
  values: SecretValues,
  warn: (diagnostic: Diagnostic) => void,
): Promise<void> {
  if (files.length === 0) return
  const { Name, ...before } = await container.inspect()
  const sealed = sealedSecretsOf(before)
  if (sealed === undefined) return await putFiles(container, files)
  await putFiles(container, files, injectedText(sealed, values))
  if (compareSecrets(sealed, values).length === 0) return
  if ((await container.inspect()).TscomposeInjected !== undefined) return
  warn({
    severity: 'warning',
    code: 'CONTENT_NOT_KEPT',
    summary: `container "${Name.replace(/^\//, '')}" has another content of configs or secrets than it was made with, which this engine does not keep: "up" takes it to have the first one`,
    hint: 'bring new contents with "up"',
  })
}

/** The tar is loaded when there is something to put in: most containers are given nothing. */
async function packFiles(files: readonly InjectedFile[]): Promise<Uint8Array> {
  return (await import('./pack-files.ts')).packFiles(files)
}
