import type { Stats } from 'node:fs'
import { posix } from 'node:path'
import type { PathStat } from '../../api/types/index.ts'
import { failure } from '../../diagnostics/index.ts'
import type { Container } from '../containers/container.ts'
import type { EngineContext } from '../context.ts'
import { type Found, lookUp } from './lookup.ts'
import { type View, viewOf } from './view.ts'

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
export async function statPath(engine: EngineContext, container: Container, path: string): Promise<PathStat> {
  const { found } = await findPath(engine, container, path)
  return renderStat(found, path)
}

/** The view that holds a path, and what lies there. PATH_NOT_FOUND. */
export async function findPath(
  engine: EngineContext,
  container: Container,
  path: string,
  follow = false,
): Promise<{ readonly view: View; readonly found: Found }> {
  const view = await viewOf(engine, container, path)
  const found = lookUp(view.layers, view.path, follow || /\/\.?$/.test(path))
  if (found !== undefined) return { view, found }
  throw failure({
    code: 'PATH_NOT_FOUND',
    kind: 'notFound',
    summary: `Could not find the file ${path} in container ${container.name}`,
  })
}

/** The wire form. */
export function renderStat(found: Found, path: string): PathStat {
  const { stats, linkTarget } = found
  return {
    name: posix.basename(posix.join('/', path)) || '/',
    size: stats.size,
    mode: goMode(stats),
    mtime: stats.mtime.toISOString(),
    linkTarget,
  }
}

function goMode(stats: Stats): number {
  const kinds: readonly (readonly [boolean, number])[] = [
    [stats.isDirectory(), DIRECTORY],
    [stats.isSymbolicLink(), SYMLINK],
    [stats.isFIFO(), NAMED_PIPE],
    [stats.isSocket(), SOCKET],
    [stats.isBlockDevice(), DEVICE],
    [stats.isCharacterDevice(), DEVICE + CHAR_DEVICE],
    [(stats.mode & 0o4000) !== 0, SETUID],
    [(stats.mode & 0o2000) !== 0, SETGID],
    [(stats.mode & 0o1000) !== 0, STICKY],
  ]
  // Sums, not bit operations: bit 31 would make them negative.
  return kinds.reduce((sum, [holds, bit]) => sum + (holds ? bit : 0), stats.mode & 0o777)
}
