import { createHash } from 'node:crypto'
import { chmod, chown } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { extractTar, type TarEntry } from '../../tar/index.ts'
import { LayerEntries } from './entries.ts'
import type { LayerMeasure } from './measure.ts'
import type { TreeOperations } from './trees.ts'

/**
 * Unpacks a layer's tar, packed or not, into an empty folder that will be a lower one of an overlay. What it comes to is
 * measured on the way; its `diffId` is the digest of all bytes of the tar, also of those behind its end. Raises
 * LAYER_INVALID and what `extractTar` raises; the folder is then to be thrown away.
 */
export async function applyLayer(
  trees: TreeOperations,
  source: Readable,
  folder: string,
  signal?: AbortSignal,
): Promise<LayerMeasure> {
  const entries = new LayerEntries()
  const hash = createHash('sha256')
  let top: TarEntry | undefined
  await trees.unpack({ root: { type: 'folder', folder }, path: '/' }, sink =>
    extractTar(source, sink, {
      select: entries.select,
      onTop: entry => {
        top = entry
      },
      onBytes: bytes => hash.update(bytes),
      ...(signal === undefined ? {} : { signal }),
    }),
  )
  if (top !== undefined) {
    await chown(folder, top.uid, top.gid)
    await chmod(folder, top.mode)
  }
  const opaque = entries.opaque.map(name => Buffer.from(name, 'latin1').toString('utf8'))
  return { diffId: `sha256:${hash.digest('hex')}`, size: entries.size, entries: entries.count, opaque }
}
