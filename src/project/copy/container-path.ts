import { posix } from 'node:path'
import type { PathStat } from '../../api/types/index.ts'
import type { Container } from '../../client/index.ts'
import { Failure, failure } from '../../diagnostics/index.ts'
import type { CopySource, CopyTarget } from './place.ts'

/** Bits of Go's `os.FileMode`. */
const DIRECTORY = 2 ** 31
const SYMLINK = 2 ** 27

/** A source in a container, and the path that it is read by: another one where a link is followed. */
export interface ContainerSource extends CopySource {
  readonly actual: string
}

/** Looks at what is copied from a container. A link is copied as one unless it is followed. Errors: COPY_SOURCE. */
export async function containerSource(
  { name, container }: { readonly name: string; readonly container: Container },
  path: string,
  followLink: boolean,
): Promise<ContainerSource> {
  const found = await statIfThere(container, path)
  // An engine cannot say it: what it answers to this question has no text.
  if (found === undefined) throw noSource(name, path)
  if (!followLink || !has(found, SYMLINK)) return { path, isFolder: has(found, DIRECTORY), actual: path }
  const actual = targetOf(path, found)
  const behind = await statIfThere(container, actual)
  if (behind === undefined) throw noSource(name, actual)
  return { path, isFolder: has(behind, DIRECTORY), actual }
}

function noSource(name: string, path: string): Error {
  const summary = `there is no "${path}" in container "${name}"`
  return failure({ code: 'COPY_SOURCE', kind: 'notFound', summary })
}

/** What is at a place of a container; a link is followed, as is one to nothing. */
export async function containerTarget(container: Container, path: string): Promise<CopyTarget> {
  const found = await statIfThere(container, path)
  if (found === undefined) return { path, kind: 'nothing' }
  if (!has(found, SYMLINK)) return { path, kind: kindOf(found) }
  const actual = targetOf(path, found)
  const behind = await statIfThere(container, actual)
  return { path: actual, kind: behind === undefined ? 'nothing' : kindOf(behind) }
}

function targetOf(path: string, { linkTarget }: PathStat): string {
  return posix.resolve('/', posix.dirname(path), linkTarget)
}

async function statIfThere(container: Container, path: string): Promise<PathStat | undefined> {
  try {
    return await container.statPath(path)
  } catch (error) {
    if (error instanceof Failure && error.kind === 'notFound') return undefined
    throw error
  }
}

function kindOf(found: PathStat): CopyTarget['kind'] {
  return has(found, DIRECTORY) ? 'folder' : 'file'
}

/** By division: the topmost bit would make a number of 32 bits negative. */
function has({ mode }: PathStat, bit: number): boolean {
  return Math.floor(mode / bit) % 2 === 1
}
