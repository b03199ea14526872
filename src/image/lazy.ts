import type { Readable } from 'node:stream'
import type { ContainerConfig } from './config.ts'
import type { Pieces } from './layer/pieces.ts'
import type { ImageRecord } from './record.ts'
import type { ImageStore } from './store/types.ts'
import type { CommitOptions } from './transfer/commit.ts'
import type { ImportOptions } from './transfer/import.ts'
import type { LoadedImage, LoadOptions } from './transfer/load.ts'
import type { SavedImage } from './transfer/save.ts'

// Each is loaded when it is first wanted: most engines never are asked for one of them.

/** As `loadImages` of transfer/load.ts. */
export async function loadImages(
  source: AsyncIterable<Buffer>,
  options: LoadOptions,
): Promise<readonly LoadedImage[]> {
  const { loadImages: load } = await import('./transfer/load.ts')
  return load(source, options)
}

/** As `saveImages` of transfer/save.ts. */
export async function* saveImages(
  store: ImageStore,
  images: readonly SavedImage[],
  pieces?: Pieces,
): AsyncGenerator<Buffer> {
  const { saveImages: save } = await import('./transfer/save.ts')
  yield* save(store, images, pieces)
}

/** As `importImage` of transfer/import.ts. */
export async function importImage(source: Readable, options: ImportOptions): Promise<ImageRecord> {
  const { importImage: importIt } = await import('./transfer/import.ts')
  return importIt(source, options)
}

/** As `commitImage` of transfer/commit.ts. */
export async function commitImage(options: CommitOptions): Promise<ImageRecord> {
  const { commitImage: commit } = await import('./transfer/commit.ts')
  return commit(options)
}

/** As `applyChanges` of builder/changes.ts. */
export async function applyChanges(
  config: ContainerConfig,
  changes: readonly string[],
): Promise<ContainerConfig> {
  if (changes.length === 0) return config
  const { applyChanges: apply } = await import('./builder/changes.ts')
  return apply(config, changes)
}
