import { randomBytes } from 'node:crypto'
import { readdirSync, renameSync } from 'node:fs'
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

/**
 * Fills an empty volume with what the image has at its mount point, owner and mode of the mount point included. The
 * copy is made beside the data and renamed into its place, so that a crash in the middle leaves the volume empty and
 * the next start copies again. A volume that another container has mounted, and one with a folder of the user's, is
 * filled in place: its folder must stay the same one.
 */
export async function fillVolume(
  engine: Pick<EngineContext, 'native' | 'volumes'>,
  mount: MountRecord,
  source: CopySource,
  inUse: boolean,
): Promise<void> {
  if (mount.noCopy === true || source.layers.length === 0) return
  if (mount.subpath !== undefined) {
    await fillSubpath(engine, mount.source, mount.subpath, source)
    return
  }
  const folder = engine.volumes.folderOf(mount.name ?? '')
  await removeCopies(folder)
  if (readdirSync(mount.source).length > 0) return
  const own = mount.source === join(folder, '_data')
  if (inUse || !own) {
    await copyOrNothing(engine, copyProgram(source, mount.source, '/', false))
    return
  }
  const temporary = `${COPY}${randomBytes(6).toString('hex')}`
  try {
    const copied = await copyOrNothing(engine, copyProgram(source, folder, temporary, true))
    if (copied) replaceEmpty(join(folder, temporary), mount.source)
  } finally {
    await removeTree(join(folder, temporary))
  }
}

/** Prefix of copies that are being made. */
const COPY = '_copy-'

/** What an engine that was killed left: the caller has the volume's lock, nobody else copies. */
async function removeCopies(folder: string): Promise<void> {
  const left = readdirSync(folder).filter(name => name.startsWith(COPY))
  await Promise.all(left.map(name => removeTree(join(folder, name))))
}

/** rename(2) replaces an empty folder; what somebody has written there in between stays, as if it had been there before. */
function replaceEmpty(copy: string, folder: string): void {
  try {
    renameSync(copy, folder)
  } catch (error) {
    if (errnoOf(error) !== 'ENOTEMPTY') throw error
  }
}

/** Beneath the volume only: whoever has it mounted may have put a link there. A subpath that is missing fails the mount. */
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
