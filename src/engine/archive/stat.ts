import { constants } from 'node:fs'
import { posix } from 'node:path'
import type { PathStat } from '../../api/types/index.ts'
import { failure } from '../../diagnostics/index.ts'
import type { Found } from '../../native/index.ts'
import type { Container } from '../state/container.ts'
import { type FilesContext, type Location, locate, mountLayers, ROOT } from './location.ts'
import { lookUp } from './lookup.ts'

/** Bits of Go's `os.FileMode` for what is not a plain file. */
const DIRECTORY = 2 ** 31
const SYMLINK = 2 ** 27
const DEVICE = 2 ** 26
const NAMED_PIPE = 2 ** 25
const SOCKET = 2 ** 24
const SETUID = 2 ** 23
const SETGID = 2 ** 22
const CHAR_DEVICE = 2 ** 21
const STICKY = 2 ** 20

/** `HEAD /containers/{id}/archive`: what lies there; a link is described, not followed. PATH_NOT_FOUND. */
export async function statPath(engine: FilesContext, container: Container, path: string): Promise<PathStat> {
  const { found } = await findPath(engine, container, path)
  return renderStat(found, path)
}

/** What a container of the image has at each path before anything is mounted, links followed. PATH_LOOP. */
export async function statInImage(
  engine: FilesContext,
  imageId: string,
  paths: readonly string[],
): Promise<readonly (PathStat | null)[]> {
  const layers = [...(await engine.images.layersOf(imageId)), engine.paths.initLayer]
  const found = await lookUp(engine.native, mountLayers(ROOT, layers), paths, true)
  return paths.map((path, index) => {
    const there = found[index]
    return there === undefined ? null : renderStat(there, path)
  })
}

/** The location that holds a path, and what lies there. PATH_NOT_FOUND. */
export async function findPath(
  engine: FilesContext,
  container: Container,
  path: string,
  follow = false,
): Promise<{ readonly location: Location; readonly found: Found }> {
  const location = await locate(engine, container, path)
  const toEnd = follow || /\/\.?$/.test(path)
  const [found] = await lookUp(engine.native, location.open, [location.path], toEnd)
  if (found !== undefined) return { location, found }
  throw failure({
    code: 'PATH_NOT_FOUND',
    kind: 'notFound',
    summary: `Could not find the file ${path} in container ${container.name}`,
    facts: { path },
  })
}

/** The wire form. */
export function renderStat(found: Found, path: string): PathStat {
  return {
    name: posix.basename(posix.join('/', path)) || '/',
    size: found.size,
    mode: goMode(found.mode),
    mtime: new Date(found.mtimeMs).toISOString(),
    linkTarget: found.linkTarget,
  }
}

/** The kinds of stat(2) that are not plain files. */
const KIND = 0o170000
const KINDS: Readonly<Record<number, number>> = {
  [constants.S_IFDIR]: DIRECTORY,
  [constants.S_IFLNK]: SYMLINK,
  [constants.S_IFIFO]: NAMED_PIPE,
  [constants.S_IFSOCK]: SOCKET,
  [constants.S_IFBLK]: DEVICE,
  [constants.S_IFCHR]: DEVICE + CHAR_DEVICE,
}

function goMode(mode: number): number {
  const bits = [
    KINDS[mode & KIND] ?? 0,
    (mode & 0o4000) === 0 ? 0 : SETUID,
    (mode & 0o2000) === 0 ? 0 : SETGID,
    (mode & 0o1000) === 0 ? 0 : STICKY,
  ]
  // Sums, not bit operations: bit 31 would make them negative.
  return bits.reduce((sum, bit) => sum + bit, mode & 0o777)
}
