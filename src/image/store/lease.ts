import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { removeTree } from '../../native/index.ts'
import { hexOf } from '../../oci/digest.ts'
import { digestOf } from '../../oci/digest-of.ts'
import type { LayerUnpacker } from '../layer/unpacker.ts'
import type { BuildCache } from './cache.ts'
import type { LayerDraft, LayerInfo, LayerStore } from './layers.ts'
import type { StoreLayout } from './layout.ts'
import type { PackedLayer } from './packed.ts'
import { makeTempFolder } from './temp.ts'

/** Work in the store that makes layers. While one is open nothing is collected, so what it made or found stays. */
export interface StoreLease {
  readonly cache: BuildCache
  /** Unpacks a layer that comes from elsewhere into a draft. */
  readonly unpack: LayerUnpacker
  /** Whether the packed bytes of layers are kept, too (`keeping` of packed-blobs.ts). */
  readonly keepPacked: boolean
  draft(): Promise<LayerDraft>
  /** A folder of the lease's own; gone at the end. */
  tempFolder(): Promise<string>
  /** The same, but one for all who ask by one name: who comes first fills it, and nothing in it changes from then on. */
  sharedFolder(name: string, fill: (folder: string) => void): Promise<string>
  layerInfo(diffId: string): Promise<LayerInfo | undefined>
  /** Remembers that a repository (`domain/path`) has the layer packed like this. */
  rememberPacked(diffId: string, packed: PackedLayer, repository: string): Promise<void>
  /** Lower folders of a stack given bottom first; top first, at least one. */
  folders(diffIds: readonly string[]): Promise<readonly string[]>
  /** The lasting folder of a RUN --mount=type=cache, by its name. */
  cacheMount(name: string): Promise<string>
  /** Has something done at the end. */
  onEnd(work: () => void): void
  /** Ends the lease and removes its temporary folders. To be called whatever happened; a second call does nothing. */
  end(): Promise<void>
}

/** What a lease is made of. */
export interface LeaseParts {
  readonly layout: StoreLayout
  readonly layers: LayerStore
  readonly cache: BuildCache
  readonly unpack: LayerUnpacker
  readonly keepPacked: boolean
  readonly onEnd: () => Promise<void>
}

/** Opens a lease; the store counts those that are open. */
export function openLease(parts: LeaseParts): StoreLease {
  const { layout, layers, cache, unpack, keepPacked } = parts
  const folders: string[] = []
  const atEnd: (() => void)[] = []
  const shared = new Map<string, Promise<string>>()
  let ended = false
  const own = <T extends string>(folder: T): T => {
    folders.push(folder)
    return folder
  }
  const tempFolder = async (): Promise<string> => own(await makeTempFolder(layout.temp))
  return {
    cache,
    unpack,
    keepPacked,
    draft: async () => {
      const draft = await layers.draft()
      own(draft.folder)
      return draft
    },
    tempFolder,
    sharedFolder: (name, fill) => {
      const found = shared.get(name)
      if (found !== undefined) return found
      const made = tempFolder().then(folder => {
        fill(folder)
        return folder
      })
      shared.set(name, made)
      return made
    },
    layerInfo: diffId => layers.info(diffId),
    rememberPacked: (diffId, packed, repository) => layers.rememberPacked(diffId, packed, repository),
    folders: diffIds => layers.folders(diffIds),
    cacheMount: async name => {
      const folder = join(layout.cacheMounts, hexOf(digestOf(name)))
      await mkdir(folder, { recursive: true, mode: 0o755 })
      return folder
    },
    onEnd: work => {
      atEnd.push(work)
    },
    end: async () => {
      if (ended) return
      ended = true
      for (const work of atEnd) work()
      try {
        await Promise.all(folders.map(removeTree))
      } finally {
        await parts.onEnd()
      }
    },
  }
}
