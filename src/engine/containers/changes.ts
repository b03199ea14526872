import type { FilesystemChange } from '../../api/types/index.ts'
import { walkTree } from '../../linux/walk-tree.ts'
import { mountLayers, ROOT } from '../archive/location.ts'
import { lookUp } from '../archive/lookup.ts'
import type { Container } from '../state/container.ts'
import type { EngineContext } from '../state/context.ts'

const CHANGED = 0
const ADDED = 1
const DELETED = 2
/** The kernel takes paths up to 4,096 bytes; the folder of the layer and a name come on top. */
const LONGEST = 3000

/** `GET /containers/{id}/changes`: what the writable layer has over the image's. */
export async function listChanges(
  engine: Pick<EngineContext, 'images' | 'native'>,
  container: Container,
): Promise<FilesystemChange[]> {
  const layers = await engine.images.layersOf(container.record.imageId)
  const changed: { readonly path: string; readonly isWhiteout: boolean }[] = []
  await walkTree(container.paths.upper, (path, info) => {
    // A whiteout is a character device 0:0.
    changed.push({ path, isWhiteout: info.isCharacterDevice() && info.rdev === 0n })
    // Folders that no path leads to are left at their first name.
    return path.length < LONGEST
  })
  const paths = changed.map(({ path }) => path)
  const found = await lookUp(engine.native, mountLayers(ROOT, layers), paths, false)
  return changed.map(({ path, isWhiteout }, index) => ({
    Path: path,
    Kind: isWhiteout ? DELETED : found[index] === undefined ? ADDED : CHANGED,
  }))
}
