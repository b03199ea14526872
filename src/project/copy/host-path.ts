import { lstat, readlink, stat } from 'node:fs/promises'
import { posix, resolve } from 'node:path'
import type { Readable } from 'node:stream'
import { errnoOf, failure } from '../../diagnostics/index.ts'
import { entryAt, type PackedEntry, packTar, type TarEntry, walkFolder } from '../../tar/index.ts'
import type { LeftOut } from './left-out.ts'
import { type CopySource, type CopyTarget, meansFolder } from './place.ts'

/** A source on this machine: where it is, besides. */
export interface HostSource extends CopySource {
  /** Absolute; a link that is followed is still the link's path. */
  readonly absolute: string
  readonly followed: boolean
}

/** Looks at what is copied from here. A link is copied as one, unless it is followed or its path can only be a folder's. Raises COPY_SOURCE. */
export async function hostSource(cwd: string, path: string, followLink: boolean): Promise<HostSource> {
  const absolute = resolve(cwd, path)
  const followed = followLink || meansFolder(path)
  const found = await (followed ? stat : lstat)(absolute).catch((error: unknown) => {
    throw notThere(path, error)
  })
  const isFolder = found.isDirectory()
  if (!isFolder && meansFolder(path))
    throw failure({
      code: 'COPY_SOURCE',
      kind: 'invalidArgument',
      summary: `"${path}" is no folder`,
    })
  // `..` has the name of the folder that it is.
  return { path: /(?:^|\/)\.\.$/.test(path) ? absolute : path, absolute, isFolder, followed }
}

/** What is at a place of this machine; links are followed, as is one to nothing. Raises COPY_PLACE where no folder is around it. */
export async function hostTarget(cwd: string, path: string): Promise<CopyTarget> {
  const absolute = await linkedFrom(resolve(cwd, path))
  const kind = await kindOf(absolute)
  if (kind === 'file' && meansFolder(path)) throw noFolder(path)
  if (kind === 'nothing' && (await kindOf(posix.dirname(absolute))) !== 'folder')
    throw noFolder(posix.dirname(absolute))
  return { path: kind === 'nothing' && meansFolder(path) ? `${absolute}/` : absolute, kind }
}

/** As many links as Linux follows. */
const MOST_LINKS = 40

/** Where a link leads, even if nothing is there: what is copied goes there, as with Docker, and the link stays. */
async function linkedFrom(absolute: string, left: number = MOST_LINKS): Promise<string> {
  try {
    const target = await readlink(absolute)
    return left === 0 ? absolute : await linkedFrom(resolve(posix.dirname(absolute), target), left - 1)
  } catch (error) {
    // EINVAL: it is no link. What is not there, or not to be seen, is told by who looks at it.
    if (errnoOf(error) === undefined) throw error
    return absolute
  }
}

async function kindOf(absolute: string): Promise<CopyTarget['kind']> {
  try {
    const found = await stat(absolute)
    // What is copied takes the place of a file: a device of the machine would be gone.
    if (!found.isDirectory() && !found.isFile()) throw noFile(absolute)
    return found.isDirectory() ? 'folder' : 'file'
  } catch (error) {
    if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ENOTDIR') return 'nothing'
    throw error
  }
}

/** The tar of a source under a name; without one of what is in it. Sockets are left out, as with Docker, and devices, which are counted. */
export function packSource(source: HostSource, name: string, leftOut: LeftOut): Readable {
  return packTar(entriesOf(source, Buffer.from(name).toString('latin1'), leftOut))
}

async function* entriesOf(
  { absolute, isFolder, followed }: HostSource,
  name: string,
  leftOut: LeftOut,
): AsyncGenerator<PackedEntry> {
  const top = await entryAt(absolute, name, followed)
  if (top?.type === 'char' || top?.type === 'block') leftOut.add(top.type)
  else if (top !== undefined && name !== '') yield { entry: top, content: { path: Buffer.from(absolute) } }
  if (!isFolder) return
  const prefix = name === '' ? '' : `${name}/`
  for await (const { entry, path } of walkFolder(absolute, { choose: () => 'take', special: true })) {
    if (entry.type === 'char' || entry.type === 'block') leftOut.add(entry.type)
    else yield { entry: beneath(prefix, entry), content: { path } }
  }
}

/** The entry in the folder that the copy is; what a hard link names is in it, too. */
function beneath(prefix: string, entry: TarEntry): TarEntry {
  const name = `${prefix}${entry.name}`
  return entry.type === 'link'
    ? { ...entry, name, linkName: `${prefix}${entry.linkName}` }
    : { ...entry, name }
}

function notThere(path: string, cause: unknown): Error {
  const isGone = errnoOf(cause) === 'ENOENT' || errnoOf(cause) === 'ENOTDIR'
  return failure({
    code: 'COPY_SOURCE',
    kind: 'notFound',
    summary: isGone ? `there is no "${path}"` : `"${path}" cannot be looked at: ${errnoOf(cause)}`,
    cause,
  })
}

function noFolder(path: string): Error {
  return failure({ code: 'COPY_PLACE', kind: 'notFound', summary: `there is no folder "${path}"` })
}

function noFile(path: string): Error {
  return failure({
    code: 'COPY_PLACE',
    kind: 'invalidArgument',
    summary: `"${path}" is neither a folder nor a regular file`,
  })
}
