import { randomBytes } from 'node:crypto'
import { mkdirSync, readdirSync } from 'node:fs'
import { failure } from '../../diagnostics/index.ts'
import { folderExtent } from '../../native/index.ts'
import type { Container } from '../state/container.ts'
import type { EngineContext } from '../state/context.ts'
import type { VolumeRecord } from '../state/volume-record.ts'
import { isUsed } from '../volumes/file-systems.ts'
import { checkDepth } from '../volumes/layered.ts'
import { areOnOneDisk, canClone } from './copies.ts'
import type { Parts } from './parts.ts'

/**
 * What volumes of a project may take together and still be copied where the file system cannot clone: so long nobody need be stopped, and the
 * copies take as much room once more. Bytes; a quarter of a second of an ordinary disk's cache.
 */
const COPIED_AT_MOST: number = 256 * 1024 * 1024
/** The same of files and folders, however small: each takes a tenth of a millisecond, in which everybody stands still. */
const ENTRIES_AT_MOST = 2_000

/** What volumes take together. */
export interface Extent {
  readonly size: number
  readonly entries: number
}

/** Whether so much is copied where the file system cannot clone. */
export function isSmall({ size, entries }: Extent): boolean {
  return size <= COPIED_AT_MOST && entries <= ENTRIES_AT_MOST
}

/** How a volume gets into a snapshot. */
export type Way =
  /** Its files are copied while nobody writes. */
  | { readonly kind: 'copy'; readonly key: string; readonly volume: VolumeRecord; readonly id: string }
  /** Its folder becomes the frozen one, and the volume goes on above it: whoever has files of it open has to be stopped. */
  | { readonly kind: 'freeze'; readonly key: string; readonly volume: VolumeRecord; readonly id: string }
  /** Nothing was written since the last time. */
  | { readonly kind: 'same'; readonly key: string; readonly volume: VolumeRecord }

/** How each volume gets into a snapshot; VOLUME_DEEP where one stands on too many. */
export async function waysOf(engine: EngineContext, { volumes }: Parts): Promise<Way[]> {
  mkdirSync(engine.volumes.frozenFolder(), { recursive: true, mode: 0o700 })
  const clones = canClone(engine.volumes.frozenFolder())
  const sized = await Promise.all(
    volumes.map(async each => ({ ...each, extent: await folderExtent(engine.volumes.dataOf(each.volume)) })),
  )
  const ways: Way[] = []
  let copied: Extent = { size: 0, entries: 0 }
  for (const { key, volume, extent } of sized.sort((a, b) => a.extent.size - b.extent.size)) {
    const id = newFolder()
    const together = { size: copied.size + extent.size, entries: copied.entries + extent.entries }
    if (isUntouched(engine, volume)) ways.push({ kind: 'same', key, volume })
    else if (
      volume.base === undefined &&
      (clones || isSmall(together) || extent.hasWhiteouts || isElsewhere(engine, volume))
    ) {
      ways.push({ kind: 'copy', key, volume, id })
      copied = together
    } else {
      checkDepth(engine.volumes, volume.name, above(volume, id).base ?? [])
      ways.push({ kind: 'freeze', key, volume, id })
    }
  }
  return ways
}

function isElsewhere({ volumes }: EngineContext, volume: VolumeRecord): boolean {
  return !areOnOneDisk(volumes.dataOf(volume), volumes.frozenFolder())
}

function isUntouched(engine: EngineContext, volume: VolumeRecord): boolean {
  if (volume.base === undefined || isUsed(engine, volume.name)) return false
  return readdirSync(engine.volumes.upperOf(volume.name)).length === 0
}

/** The volume as it is above one more frozen folder. */
export function above(volume: VolumeRecord, id: string): VolumeRecord {
  return { ...volume, base: [id, ...(volume.base ?? [])] }
}

/** The id of a frozen folder that is about to be made. */
export function newFolder(): string {
  return randomBytes(6).toString('hex')
}

/** SNAPSHOT_SHARED: somebody who is not to be stopped has files of the volume open, and would go on with those. */
export function inUse(name: string, users: readonly Container[]): Error {
  const who = users.length === 0 ? 'somebody else' : users.map(each => each.name).join(', ')
  return failure({
    code: 'SNAPSHOT_SHARED',
    kind: 'conflict',
    summary: `volume "${name}" is in use by ${who}, who is not of the project`,
    facts: { name },
    hint: 'stop that first: it would go on with the files that it has open',
  })
}
