import { asRoot, tried } from './as-root.ts'
import { type Finding, findingsOf, fine, lacking, type Verdict, warning } from './finding.ts'
import type { Machine } from './machine.ts'

/** ROOT, RUN, and what can be done in ROOT's file system. */
export async function examineStorage(machine: Machine): Promise<Finding[]> {
  return findingsOf('Storage', {
    ROOT: await asRoot(machine, () => folder(machine, machine.root, 'TSCOMPOSE_ROOT')),
    RUN: await asRoot(machine, () => folder(machine, machine.run, 'TSCOMPOSE_RUN')),
    overlayfs: await tried(machine, 'overlay', `works on the file system of ${machine.root}`, refusal =>
      lacking(
        `refused: ${refusal}`,
        `no container can be started: the kernel needs the module overlay, and ${machine.root} a file system that overlayfs takes as its upper layer (ext4, xfs, btrfs, tmpfs; not overlayfs itself, NFS or vfat): set TSCOMPOSE_ROOT to a folder on one`,
      ),
    ),
    // No attribute takes one yet.
    'idmapped mounts': await tried(machine, 'idmapped mount', 'work', refusal =>
      fine(`refused: ${refusal}; nothing needs them yet`),
    ),
    space: await space(machine),
    ...(await snapshots(machine)),
  })
}

async function folder(machine: Machine, path: string, variable: string): Promise<Verdict> {
  const refusal = await machine.folderRefusal(path)
  return refusal === undefined
    ? fine(`${path}: writable`)
    : lacking(
        `${path}: ${refusal}`,
        `no engine can be started: make it writable, or set ${variable} to another folder`,
      )
}

const MB = 1e6
/** Below the first an image hardly fits, below the second not many do. */
const SPACE = { least: 100 * MB, little: 2_000 * MB } as const
const FILES = { least: 1_000, little: 50_000 } as const

async function space(machine: Machine): Promise<Verdict> {
  const { bytes, files } = await machine.space(machine.root)
  const room = bytes < 1000 * MB ? `${Math.floor(bytes / MB)} MB` : `${(bytes / MB / 1000).toFixed(1)} GB`
  const found = `${room} free${files === undefined ? '' : `, ${files} files`}`
  const isBelow = (limit: 'least' | 'little'): boolean =>
    bytes < SPACE[limit] || (files !== undefined && files < FILES[limit])
  const follows = 'images may not fit: free some, or set TSCOMPOSE_ROOT to a folder on a larger file system'
  if (isBelow('least')) return lacking(found, follows)
  return isBelow('little') ? warning(found, follows) : fine(found)
}

/** Nothing where there is none: nobody looks for room in what he has not made. */
async function snapshots(machine: Machine): Promise<Readonly<Record<string, Verdict>>> {
  const folder = `${machine.root}/snapshots`
  const names = await machine.list(folder)
  if (names.includes('intent.json')) {
    const follows =
      'there is no other until it is ended, which the next engine does: RUN/engine.log says why this one did not'
    return { snapshots: warning('one was begun and is not ended', follows) }
  }
  const all = await Promise.all(names.map(name => machine.list(`${folder}/${name}`)))
  const count = all.flat().filter(name => name.endsWith('.json')).length
  if (count === 0) return {}
  return {
    snapshots: fine(`${count}; "tscompose snapshot ls --all" names them, "system df" says what they take`),
  }
}
