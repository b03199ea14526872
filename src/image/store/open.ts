import { failure } from '../../diagnostics/index.ts'
import type { ImageStore, ImageStoreOptions } from './types.ts'

/** Opens the store at `options.root`, making it when missing and clearing what dead processes left half-made. */
export async function openImageStore(options: ImageStoreOptions): Promise<ImageStore> {
  throw failure({
    code: 'NOT_YET',
    kind: 'notImplemented',
    summary: `image store "${options.root}" is not written yet`,
  })
}
