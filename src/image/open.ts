import { releaseOf } from './bootstrap/distribution.ts'
import type { TreeOperations } from './layer/trees.ts'
import { ensureLayout, layoutOf } from './store/layout.ts'
import type { ImageSource } from './store/source.ts'
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
    sources: options.sources ?? [...(options.trees ? [registry(options.trees)] : []), ARCHIVE],
    onWarning: options.onWarning ?? (() => undefined),
  })
}

/** Loaded when it is first asked: most commands pull nothing. */
function registry(trees: TreeOperations): ImageSource {
  return {
    name: 'registry',
    fetch: async (reference, context) => {
      const { registrySource } = await import('./transfer/pull.ts')
      return registrySource(trees).fetch(reference, context)
    },
  }
}

/** debian:* and ubuntu:* from the distribution's own package archive, for machines that reach no registry. */
const ARCHIVE: ImageSource = {
  name: 'archive',
  fetch: async (reference, context) => {
    const release = releaseOf(reference)
    if (release === undefined)
      return { unavailable: 'only releases of debian and ubuntu are made from their archive' }
    const { bootstrap } = await import('./bootstrap/bootstrap.ts')
    return bootstrap(reference, release, context)
  },
}
