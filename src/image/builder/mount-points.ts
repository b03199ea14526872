import { chmod, lstat, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { errnoOf } from '../../diagnostics/index.ts'
import type { MergedTree } from '../layer/merged-tree.ts'
import type { RunMount } from './runner.ts'

/** What every container has mounted. */
const FOLDERS = ['/dev', '/proc', '/sys']
const FILES = ['/etc/hosts', '/etc/hostname', '/etc/resolv.conf']

/**
 * Makes a layer to lie below all others of a RUN: the places of its mounts that the image does not have. Made in the
 * command's own layer they would leave their folders' copies there, with new times, and so a layer where nothing was done.
 */
export async function makeMountPoints(
  layer: string,
  below: MergedTree,
  mounts: readonly RunMount[],
): Promise<void> {
  await makeFolder(layer)
  const wanted = [
    ...FOLDERS.map(path => ({ path, isFolder: true })),
    ...FILES.map(path => ({ path, isFolder: false })),
    ...(await Promise.all(
      mounts.map(async mount => ({ path: mount.target, isFolder: await isFolder(mount) })),
    )),
  ]
  for (const { path, isFolder } of wanted) {
    if ((await below.find(path)) === undefined) await makePoint(layer, await below.resolve(path), isFolder)
  }
}

/** `path` has no links in it. What is there already is another mount's place, or lies in one. */
async function makePoint(layer: string, path: string, isFolder: boolean): Promise<void> {
  const names = path.split('/').filter(name => name !== '')
  const folders = isFolder ? names : names.slice(0, -1)
  for (const [index] of folders.entries()) await makeFolder(join(layer, ...names.slice(0, index + 1)))
  if (!isFolder) await unlessThere(() => writeFile(join(layer, ...names), '', { flag: 'wx', mode: 0o644 }))
}

async function makeFolder(path: string): Promise<void> {
  await unlessThere(async () => {
    await mkdir(path)
    // Whatever the umask of whoever started the engine.
    await chmod(path, 0o755)
  })
}

async function unlessThere(make: () => Promise<void>): Promise<void> {
  try {
    await make()
  } catch (error) {
    if (errnoOf(error) !== 'EEXIST' && errnoOf(error) !== 'ENOTDIR') throw error
  }
}

async function isFolder(mount: RunMount): Promise<boolean> {
  switch (mount.type) {
    case 'tmpfs':
      return true
    case 'bind':
      return (await lstat(mount.source)).isDirectory()
    case 'layers':
      return isFolderIn(mount.layers, mount.path)
  }
}

/** The uppermost layer that has the path says what it is. */
async function isFolderIn(layers: readonly string[], path: string): Promise<boolean> {
  for (const layer of layers) {
    try {
      return (await lstat(join(layer, path))).isDirectory()
    } catch (error) {
      if (errnoOf(error) !== 'ENOENT') throw error
    }
  }
  return true
}
