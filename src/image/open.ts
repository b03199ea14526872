import { archiveSource } from './bootstrap/archive-source.ts'
import { registrySource } from './registry/registry-source.ts'
import { ensureLayout, layoutOf } from './store/layout.ts'
import { DiskImageStore } from './store/store.ts'
import { sweepTemp } from './store/temp.ts'
import type { ImageStore, ImageStoreOptions } from './store/types.ts'

/** Opens the store at `options.root`, making it when missing and clearing what dead processes left half-made. */
export async function openImageStore(options: ImageStoreOptions): Promise<ImageStore> {
  const layout = layoutOf(options.root)
  await ensureLayout(layout)
  await sweepTemp(layout.temp)
  return new DiskImageStore({
    layout,
    usersOf: options.usersOf ?? (() => []),
    sources: options.sources ?? [registrySource(), archiveSource()],
    onWarning: options.onWarning ?? (() => undefined),
  })
}
