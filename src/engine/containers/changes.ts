import { lstat, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { FilesystemChange } from '../../api/types/index.ts'
import { errnoOf } from '../../diagnostics/index.ts'
import type { EngineContext } from '../context.ts'
import type { Container } from './container.ts'

const CHANGED = 0
const ADDED = 1
const DELETED = 2

/** `GET /containers/{id}/changes`: what the writable layer has over the image's. */
export async function listChanges(engine: EngineContext, container: Container): Promise<FilesystemChange[]> {
  const layers = await engine.images.layersOf(container.record.imageId)
  const changes: FilesystemChange[] = []
  const visit = async (path: string): Promise<void> => {
    for (const entry of await readdir(join(container.paths.upper, path), { withFileTypes: true })) {
      const below = `${path}/${entry.name}`
      const info = await lstat(join(container.paths.upper, below))
      // A whiteout is a character device 0:0.
      const isWhiteout = info.isCharacterDevice() && info.rdev === 0
      const existed = await isInLayers(layers, below)
      changes.push({ Path: below, Kind: isWhiteout ? DELETED : existed ? CHANGED : ADDED })
      if (entry.isDirectory()) await visit(below)
    }
  }
  await visit('')
  return changes
}

/** Whether the topmost layer that knows the path has it (and no whiteout in its place). */
async function isInLayers(layers: readonly string[], path: string): Promise<boolean> {
  for (const layer of layers) {
    try {
      const info = await lstat(join(layer, path))
      return !(info.isCharacterDevice() && info.rdev === 0)
    } catch (error) {
      if (errnoOf(error) !== 'ENOENT' && errnoOf(error) !== 'ENOTDIR') throw error
    }
  }
  return false
}
