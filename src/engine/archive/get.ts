import { rm } from 'node:fs/promises'
import { join, posix } from 'node:path'
import { Readable } from 'node:stream'
import { pack as newPack } from 'tar-stream'
import type { ArchiveDownload } from '../../api/types/index.ts'
import type { Container } from '../containers/container.ts'
import type { EngineContext } from '../context.ts'
import { packTree } from './pack.ts'
import { findPath, renderStat } from './stat.ts'
import { temporaryFolder } from './temporary.ts'
import { mountView, type View } from './view.ts'

const TARGET = 1

/**
 * `GET /containers/{id}/archive`: the native program copies the path beneath its root into a folder of ours, which no
 * container can change while it is packed.
 */
export async function getArchive(
  engine: EngineContext,
  container: Container,
  path: string,
  signal: AbortSignal,
): Promise<ArchiveDownload> {
  const { view, found } = await findPath(engine, container, path)
  const name = posix.basename(posix.join('/', path)) || '.'
  const tarball = await packView(engine, { ...view, path: found.path }, name, signal)
  return { stat: renderStat(found, path), tar: tarball }
}

/** `GET /containers/{id}/export`: the whole file system, without its mounts. */
export async function exportRoot(
  engine: EngineContext,
  container: Container,
  signal: AbortSignal,
): Promise<Readable> {
  const layers = await engine.images.layersOf(container.record.imageId)
  const root = { layers: [container.paths.upper, ...layers, engine.paths.initLayer], path: '/' }
  return await packView(engine, root, '.', signal)
}

async function packView(
  engine: EngineContext,
  view: View,
  name: string,
  signal: AbortSignal,
): Promise<Readable> {
  const folder = await temporaryFolder(engine)
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true })
  try {
    await engine.native.run({
      outside: [
        ...mountView(0, view.layers),
        { op: 'open', slot: TARGET, path: folder, kind: 'folder' },
        { op: 'copyTree', fromSlot: 0, from: view.path, toSlot: TARGET, to: 'copy', create: true },
      ],
    })
  } catch (error) {
    await remove()
    throw error
  }
  const pack = newPack()
  signal.addEventListener('abort', () => pack.destroy(), { once: true })
  void packTree(pack, join(folder, 'copy'), name)
    .then(
      () => pack.finalize(),
      error => pack.destroy(error),
    )
    .finally(remove)
  // tar-stream's streams are not Node's, which the server expects.
  return Readable.from(pack, { objectMode: false })
}
