import { statSync } from 'node:fs'
import type { PathStat } from '../api/types/index.ts'
import type { Docker } from '../client/index.ts'
import { type Diagnostic, errnoOf, Failure } from '../diagnostics/index.ts'
import type { MountKind } from '../engine/trial/mounts.ts'
import { locateFailure, type PlannedContainer } from '../executor/index.ts'
import type { Project } from '../model/index.ts'

/** Of Go's `os.FileMode`. */
const DIRECTORY = 2 ** 31

/** Files that are to be mounted on folders, and folders on files, of a container whose image is there. */
export async function wrongMounts(
  { operation, body }: PlannedContainer,
  project: Project,
  docker: Docker,
): Promise<readonly Diagnostic[]> {
  const { Binds, Mounts } = body.HostConfig ?? {}
  if (Binds === undefined && Mounts === undefined) return []
  const { refusedMount, triedMounts } = await import('../engine/trial/mounts.ts')
  const mounts = triedMounts(body.HostConfig ?? {}, kindOfSource)
  if (mounts.length === 0) return []
  const paths = mounts.map(({ destination }) => destination)
  const there = await statsOf(docker, body.Image ?? '', paths)
  return mounts.flatMap((mount, index) => {
    const stat = there[index] ?? null
    const refused = stat === null ? undefined : refusedMount(mount, kindOfStat(stat))
    return refused === undefined
      ? []
      : locateFailure(new Failure('invalidArgument', [refused]), operation, project).diagnostics
  })
}

/** Nothing where the image is not to be seen: whoever makes the container tells that. */
async function statsOf(
  docker: Docker,
  image: string,
  path: readonly string[],
): Promise<readonly (PathStat | null)[]> {
  try {
    return await docker.getImage(image).stat({ path })
  } catch (error) {
    if (error instanceof Failure) return []
    throw error
  }
}

function kindOfStat({ mode }: PathStat): MountKind {
  return mode >= DIRECTORY ? 'folder' : 'file'
}

function kindOfSource(path: string): MountKind | undefined {
  try {
    return statSync(path).isDirectory() ? 'folder' : 'file'
  } catch (error) {
    // What cannot be looked at is told by the start.
    if (errnoOf(error) !== undefined) return undefined
    throw error
  }
}
