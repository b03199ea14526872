import { randomBytes } from 'node:crypto'
import { chmodSync, chownSync, readdirSync, renameSync, type Stats, statSync } from 'node:fs'
import { join } from 'node:path'
import { errnoOf } from '../../diagnostics/index.ts'
import { nativeErrorOf, type OutsideOp, type Program, removeTree, type Slot } from '../../native/index.ts'
import type { MountRecord } from '../state/container-record.ts'
import type { EngineContext } from '../state/context.ts'

/** What a volume is filled from: a root of these layers, top first, at this path. */
export interface CopySource {
  readonly layers: readonly string[]
  readonly path: string
}

/** Makes a volume empty again that was filled for a container which could not be made. */
export type Emptying = () => Promise<void>

/**
 * Fills an empty volume with what the image has at its mount point, owner and mode of the mount point included, and says
 * how to take that back. The copy is made beside the data and renamed into its place, so that a crash in the middle
 * leaves the volume empty and the next container that is made copies again. A volume that another container has
 * mounted, and one with a folder of the user's, is filled in place: its folder must stay the same one.
 */
export async function fillVolume(
  engine: Pick<EngineContext, 'native' | 'volumes'>,
  mount: MountRecord,
  source: CopySource,
  inUse: boolean,
): Promise<Emptying | undefined> {
  if (source.layers.length === 0) return undefined
  if (mount.subpath !== undefined) {
    await fillSubpath(engine, mount.source, mount.subpath, source)
    return undefined
  }
  const folder = engine.volumes.folderOf(mount.name ?? '')
  await removeCopies(folder)
  if (readdirSync(mount.source).length > 0) return undefined
  const before = statSync(mount.source)
  const emptying: Emptying = () => empty(mount.source, before)
  if (inUse || mount.source !== join(folder, '_data')) {
    try {
      return (await copyOrNothing(engine, copyProgram(source, mount.source, '/', false)))
        ? emptying
        : undefined
    } catch (error) {
      // What a running container has written there meanwhile is not to be told from half a copy.
      if (!inUse) await emptying()
      throw error
    }
  }
  return (await copyBeside(engine, mount.source, folder, source)) ? emptying : undefined
}

/** False where nothing came of it: the image has nothing there, or somebody has written into the volume. */
async function copyBeside(
  engine: Pick<EngineContext, 'native' | 'volumes'>,
  data: string,
  folder: string,
  source: CopySource,
): Promise<boolean> {
  const temporary = `${COPY}${randomBytes(6).toString('hex')}`
  try {
    const copied = await copyOrNothing(engine, copyProgram(source, folder, temporary, true))
    return copied && replaceEmpty(join(folder, temporary), data)
  } finally {
    await removeTree(join(folder, temporary))
  }
}

async function empty(folder: string, { uid, gid, mode }: Stats): Promise<void> {
  await Promise.all(readdirSync(folder).map(name => removeTree(join(folder, name))))
  chownSync(folder, uid, gid)
  chmodSync(folder, mode & 0o7777)
}

/** Prefix of copies that are being made. */
const COPY = '_copy-'

/** What an engine that was killed left: the caller has the volume's lock, nobody else copies. */
async function removeCopies(folder: string): Promise<void> {
  const left = readdirSync(folder).filter(name => name.startsWith(COPY))
  await Promise.all(left.map(name => removeTree(join(folder, name))))
}

/** rename(2) replaces an empty folder; what somebody has written there in between stays, as if it had been there before. */
function replaceEmpty(copy: string, folder: string): boolean {
  try {
    renameSync(copy, folder)
    return true
  } catch (error) {
    if (errnoOf(error) !== 'ENOTEMPTY') throw error
    return false
  }
}

/** Beneath the volume only: whoever has it mounted may have put a link there. A subpath that is missing fails the start. */
async function fillSubpath(
  engine: Pick<EngineContext, 'native' | 'volumes'>,
  volume: string,
  subpath: string,
  source: CopySource,
): Promise<void> {
  const open = [...openTarget(0, volume, subpath), { op: 'pack', slot: 0, path: '/' } satisfies OutsideOp]
  let entries = 0
  try {
    for await (const items of engine.native.pack({ outside: open })) {
      entries += items.length
      if (entries > 1) return
    }
  } catch (error) {
    const native = nativeErrorOf(error)
    if (native?.op?.op === 'open' && /^(ENOENT|ENOTDIR)$/.test(native.errno)) return
    throw error
  }
  await copyOrNothing(engine, copyProgram(source, volume, '/', false, subpath))
}

function openTarget(slot: Slot, folder: string, subpath?: string): OutsideOp[] {
  const opens: OutsideOp[] = [{ op: 'open', slot, path: folder, kind: 'folder' }]
  if (subpath !== undefined) opens.push({ op: 'open', slot, fromSlot: slot, path: subpath, kind: 'folder' })
  return opens
}

/** False when the image has nothing at that path: then there is nothing to copy. */
async function copyOrNothing(
  engine: Pick<EngineContext, 'native' | 'volumes'>,
  program: Program,
): Promise<boolean> {
  try {
    await engine.native.run(program)
    return true
  } catch (error) {
    const native = nativeErrorOf(error)
    if (native?.op?.op === 'copyTree' && /^(ENOENT|ENOTDIR)$/.test(native.errno)) return false
    throw error
  }
}

function copyProgram(
  source: CopySource,
  target: string,
  to: string,
  create: boolean,
  subpath?: string,
): Program {
  const { layers, path } = source
  const opens = layers.map((layer, slot): OutsideOp => ({ op: 'open', slot, path: layer, kind: 'folder' }))
  const root = layers.length === 1 ? 0 : layers.length
  const overlay: OutsideOp[] =
    layers.length === 1 ? [] : [{ op: 'overlay', slot: root, lowerSlots: layers.map((_, slot) => slot) }]
  return {
    outside: [
      ...opens,
      ...overlay,
      ...openTarget(layers.length + 1, target, subpath),
      { op: 'copyTree', fromSlot: root, from: path, toSlot: layers.length + 1, to, create },
    ],
  }
}
