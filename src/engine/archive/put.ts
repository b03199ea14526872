import { lstatSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join, posix } from 'node:path'
import type { Readable } from 'node:stream'
import type { ArchiveUploadOptions } from '../../api/types/index.ts'
import { failure } from '../../diagnostics/index.ts'
import type { OutsideOp } from '../../native/index.ts'
import type { Container } from '../containers/container.ts'
import type { EngineContext } from '../context.ts'
import { resolveUser } from '../rootfs/index.ts'
import { extractTar } from './extract.ts'
import { lookUp } from './lookup.ts'
import { findPath } from './stat.ts'
import { temporaryFolder } from './temporary.ts'
import { mountWritable, type View } from './view.ts'

const TARGET = 0
const SOURCE = 1

/**
 * `PUT /containers/{id}/archive`: unpacked into a folder of ours first, then copied by the native program beneath the
 * root of the container: of a running one through its own mounts, of another into its writable layer. Folders that
 * exist keep what they are.
 */
export async function putArchive(
  engine: EngineContext,
  container: Container,
  options: ArchiveUploadOptions,
  tar: Readable,
): Promise<void> {
  const { view, found } = await findPath(engine, container, options.path, true)
  if (!found.stats.isDirectory()) {
    throw failure({
      code: 'PATH_NO_FOLDER',
      kind: 'invalidArgument',
      summary: `extraction point "${options.path}" is not a directory`,
    })
  }
  checkWritable(container, view)
  const folder = await temporaryFolder(engine)
  try {
    const { names } = await extractTar(tar, folder)
    if (options.noOverwriteDirNonDir) checkKinds(view, found.path, folder, names)
    await engine.native.run({
      outside: [
        ...openRoot(container, view),
        { op: 'open', slot: SOURCE, path: folder, kind: 'folder' },
        {
          op: 'copyTree',
          fromSlot: SOURCE,
          from: '/',
          toSlot: TARGET,
          to: container.running && view.mount === undefined ? options.path : found.path,
          create: false,
          ...(options.copyUIDGID ? await ownerOf(engine, container) : {}),
        },
      ],
    })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

function openRoot(container: Container, view: View): OutsideOp[] {
  if (view.mount !== undefined) return [{ op: 'open', slot: TARGET, path: view.mount.source, kind: 'folder' }]
  const pid = container.running ? container.live?.status?.pid : undefined
  if (pid !== undefined) return [{ op: 'open', slot: TARGET, path: `/proc/${pid}/root`, kind: 'folder' }]
  const { upper, work } = container.paths
  return mountWritable(TARGET, { upper, work, layers: view.layers.slice(1) })
}

/** A read-only root is written to before the start only. */
function checkWritable(container: Container, view: View): void {
  const isReadonly =
    view.mount?.readonly ?? (container.running && container.record.hostConfig.ReadonlyRootfs === true)
  if (!isReadonly) return
  throw failure({
    code: 'PATH_READONLY',
    kind: 'invalidArgument',
    summary:
      view.mount === undefined
        ? 'container rootfs is marked read-only'
        : 'mounted volume is marked read-only',
  })
}

function checkKinds(view: View, target: string, folder: string, names: readonly string[]): void {
  for (const name of names) {
    const present = lookUp(view.layers, posix.join(target, name), true)
    if (present === undefined) continue
    const isFolder = lstatSync(join(folder, name)).isDirectory()
    if (present.stats.isDirectory() === isFolder) continue
    throw failure({
      code: 'PATH_KIND',
      kind: 'invalidArgument',
      summary: `cannot overwrite ${isFolder ? 'non-directory' : 'directory'} "${name}" with ${isFolder ? 'directory' : 'non-directory'}`,
    })
  }
}

async function ownerOf(
  engine: EngineContext,
  container: Container,
): Promise<{ readonly uid: number; readonly gid: number }> {
  const { imageId, config } = container.record
  const { uid, gid } = resolveUser(
    config.User ?? '',
    await engine.users.ofContainer(imageId, container.paths),
  )
  return { uid, gid }
}
