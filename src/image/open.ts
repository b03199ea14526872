import { formatPlatform, hostPlatform, platformDistance } from '../oci/platform.ts'
import { releaseOf } from './bootstrap/distribution.ts'
import { type LayerUnpacker, unpackHere } from './layer/unpacker.ts'
import { ensureLayout, layoutOf } from './store/layout.ts'
import type { ImageSource } from './store/source.ts'
import { DiskImageStore } from './store/store.ts'
import { sweepTemp, sweepTorn } from './store/temp.ts'
import type { ImageStore, ImageStoreOptions } from './store/types.ts'

/** Opens the store at `options.root`, making it when missing and clearing what dead processes left half-made. */
export async function openImageStore(options: ImageStoreOptions): Promise<ImageStore> {
  const layout = layoutOf(options.root)
  await ensureLayout(layout)
  await sweepTemp(layout.temp)
  for (const folder of [layout.root, layout.configs, layout.facts, layout.manifests, layout.cache])
    await sweepTorn(folder)
  const { trees } = options
  const unpack = options.unpack ?? (trees === undefined ? undefined : unpackHere(trees))
  return new DiskImageStore({
    layout,
    usersOf: options.usersOf ?? (() => []),
    unpack: unpack ?? cannotUnpack,
    sources: options.sources ?? [...(unpack === undefined ? [] : [registry(unpack)]), ARCHIVE],
    onWarning: options.onWarning ?? (() => undefined),
    keepPacked: options.keepPacked ?? false,
    ...(options.budget === undefined ? {} : { budget: options.budget }),
    sync: async folder => trees?.sync(folder),
  })
}

/** A store that was opened without what makes trees has layers only that are built here. */
const cannotUnpack: LayerUnpacker = async () => {
  throw new TypeError('the store was opened without trees')
}

/** Loaded when it is first asked: most commands pull nothing. */
function registry(unpack: LayerUnpacker): ImageSource {
  let source: Promise<ImageSource> | undefined
  return {
    name: 'registry',
    fetch: async (reference, context) => {
      source ??= import('./transfer/pull.ts').then(({ registrySource }) => registrySource(unpack))
      return (await source).fetch(reference, context)
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
    const { platform = hostPlatform() } = context
    if (platformDistance(hostPlatform(), platform) === undefined)
      return { unavailable: `nothing for ${formatPlatform(platform)} is made on this machine` }
    const { bootstrap } = await import('./bootstrap/bootstrap.ts')
    return bootstrap(reference, release, context)
  },
}
