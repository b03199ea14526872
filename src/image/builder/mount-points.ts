import { chmodSync, lstatSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { errnoOf } from '../../diagnostics/index.ts'
import type { MergedTree } from '../layer/merged-tree.ts'
import type { StoreLease } from '../store/lease.ts'
import type { RunMount } from './runner.ts'

/** What every container has mounted. */
const FOLDERS = ['/dev', '/proc', '/sys']
const FILES = ['/etc/hosts', '/etc/hostname', '/etc/resolv.conf']

interface Point {
  readonly path: string
  readonly isFolder: boolean
}

/**
 * A layer to lie below all others of a RUN: the places of its mounts that the image does not have. Made in the
 * command's own layer they would leave their folders' copies there, with new times, and so a layer where nothing was done.
 */
export async function mountPointsLayer(
  lease: Pick<StoreLease, 'sharedFolder'>,
  below: MergedTree,
  mounts: readonly RunMount[],
): Promise<string> {
  const wanted = [
    ...FOLDERS.map(path => ({ path, isFolder: true })),
    ...FILES.map(path => ({ path, isFolder: false })),
    ...mounts.map(mount => ({ path: mount.target, isFolder: isFolder(mount) })),
  ]
  const points: Point[] = []
  for (const { path, isFolder } of wanted) {
    if ((await below.find(path)) === undefined) points.push({ path: await below.resolve(path), isFolder })
  }
  const name = `mount points ${JSON.stringify(points.map(({ path, isFolder }) => [path, isFolder]))}`
  return lease.sharedFolder(name, layer => {
    chmodSync(layer, 0o755)
    for (const { path, isFolder } of points) makePoint(layer, path, isFolder)
  })
}

/** `path` has no links in it. What is there already is another mount's place, or lies in one. */
function makePoint(layer: string, path: string, isFolder: boolean): void {
  const names = path.split('/').filter(name => name !== '')
  const folders = isFolder ? names : names.slice(0, -1)
  for (const [index] of folders.entries()) makeFolder(join(layer, ...names.slice(0, index + 1)))
  if (!isFolder) unlessThere(() => writeFileSync(join(layer, ...names), '', { flag: 'wx', mode: 0o644 }))
}

function makeFolder(path: string): void {
  unlessThere(() => {
    mkdirSync(path)
    // Whatever the umask of whoever started the engine.
    chmodSync(path, 0o755)
  })
}

function unlessThere(make: () => void): void {
  try {
    make()
  } catch (error) {
    if (errnoOf(error) !== 'EEXIST' && errnoOf(error) !== 'ENOTDIR') throw error
  }
}

function isFolder(mount: RunMount): boolean {
  switch (mount.type) {
    case 'tmpfs':
      return true
    case 'bind':
      return lstatSync(mount.source).isDirectory()
    case 'layers':
      return isFolderIn(mount.layers, mount.path)
  }
}

/** The uppermost layer that has the path says what it is. */
function isFolderIn(layers: readonly string[], path: string): boolean {
  for (const layer of layers) {
    const stats = lstatSync(join(layer, path), { throwIfNoEntry: false })
    if (stats !== undefined) return stats.isDirectory()
  }
  return true
}
