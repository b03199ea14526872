import { posix } from 'node:path'
import type { ArchiveUploadOptions, HoldableBody, UploadedTar } from '../../api/types/index.ts'
import { Failure, failure } from '../../diagnostics/index.ts'
import { isFolder, nativeErrorOf, type OutsideOp, type UnpackOp } from '../../native/index.ts'
import { extractTar, withoutDevices } from '../../tar/index.ts'
import { prepareSource } from '../mounts/prepare.ts'
import { resolveUser } from '../rootfs/index.ts'
import type { Container } from '../state/container.ts'
import type { EngineContext } from '../state/context.ts'
import { hasFileSystem } from '../state/volume-record.ts'
import { coveredFiles, coveredPart } from './covered.ts'
import {
  absolutePath,
  isWithin,
  type Location,
  mountAt,
  mountWritable,
  ROOT,
  readonlyMount,
  rootLayers,
  runningRoot,
} from './location.ts'
import { mountsBelow, unpackParts } from './mounted.ts'
import { chooseOwners } from './owners.ts'
import { Passage } from './passage.ts'
import { findPath } from './stat.ts'

/** The slot of the connection that the archive comes on. */
const CONNECTION = 9

/**
 * `PUT /containers/{id}/archive`: unpacked by the native program beneath the root of the container: of a running one
 * through its own mounts, of another into its writable layer and the sources of its mounts. What was unpacked before a failure stays, as with Docker.
 */
export async function putArchive(
  engine: EngineContext,
  container: Container,
  options: ArchiveUploadOptions,
  tar: UploadedTar,
): Promise<void> {
  const running = runningRoot(container)
  if (running === undefined) {
    const mount = mountAt(container, posix.join('/', options.path))
    if (mount !== undefined) await prepareSource(engine, container, mount)
  }
  const { location, found } = await findPath(engine, container, options.path, true)
  if (!isFolder(found)) throw noFolder(options.path)
  checkWritable(container, location)
  const open =
    running ?? (location.mount === undefined ? await openWritable(engine, container) : location.open)
  const { holdable } = tar
  const unpack: UnpackOp = {
    op: 'unpack',
    slot: ROOT,
    path: running === undefined ? found.path : options.path,
    keepKinds: options.noOverwriteDirNonDir,
    ...(options.copyUIDGID ? await ownerOf(engine, container) : {}),
    ...(holdable && { connection: CONNECTION }),
  }
  const folder =
    running === undefined ? posix.resolve(location.mount?.destination ?? '/', `.${found.path}`) : found.path
  const chosen = await chooseOwners(engine, container, folder)
  const below = running === undefined ? await mountsBelow(engine, container, folder) : []
  const covered = await coveredFiles(engine, container, (options.overMounts ?? []).map(absolutePath))
  const passage = new Passage()
  const onBytes = ({ length }: Buffer): void => passage.pass(length)
  try {
    await unpackParts(
      engine,
      { open: [...openConnection(holdable), ...open], unpack },
      [...coveredPart(container, options.path, covered), ...below],
      sink =>
        extractTar(tar, sink, {
          select: entry => withoutDevices(chosen(entry)),
          sparse: true,
          onBytes,
          ...(holdable && { holdable }),
        }),
    )
  } catch (error) {
    throw wrongKind(error) ?? fullMount(engine, container, folder, error) ?? error
  } finally {
    passage.end()
  }
  const { injected } = options
  if (injected === undefined && covered.length === 0) return
  const overMounts = [...new Set([...(container.record.overMounts ?? []), ...covered])]
  container.save({
    ...(injected === undefined ? {} : { injected }),
    ...(overMounts.length === 0 ? {} : { overMounts }),
  })
}

/** Before anything else: what is opened later may leave the host's user namespace. */
function openConnection(body: HoldableBody | undefined): OutsideOp[] {
  return body === undefined ? [] : [{ op: 'openConnection', slot: CONNECTION, ...body.connection }]
}

async function openWritable(engine: EngineContext, container: Container): Promise<OutsideOp[]> {
  const { upper, work } = container.paths
  const [, ...layers] = await rootLayers(engine, container)
  return mountWritable(ROOT, { upper, work, layers })
}

function noFolder(path: string): Error {
  return failure({
    code: 'PATH_NO_FOLDER',
    kind: 'invalidArgument',
    summary: `extraction point "${path}" is not a directory`,
    facts: {},
  })
}

/** A read-only root is written to before the start only. */
function checkWritable(container: Container, location: Location): void {
  const isReadonly = location.mount?.readonly ?? (container.running && container.terms.root.readonly)
  if (!isReadonly) return
  if (location.mount !== undefined) throw readonlyMount()
  throw failure({
    code: 'PATH_READONLY',
    kind: 'invalidArgument',
    summary: 'container rootfs is marked read-only',
  })
}

/** `noOverwriteDirNonDir` was asked for, and an entry is in the way of it. */
function wrongKind(error: unknown): Error | undefined {
  const cause = nativeErrorOf(error)
  if (cause?.op?.op !== 'unpack' || cause.op.keepKinds !== true) return undefined
  const isFolder = cause.errno === 'ENOTDIR'
  if (!isFolder && cause.errno !== 'EISDIR') return undefined
  return failure({
    code: 'PATH_KIND',
    kind: 'invalidArgument',
    summary: `cannot overwrite ${isFolder ? 'non-directory' : 'directory'} "${cause.detail}" with ${isFolder ? 'directory' : 'non-directory'}`,
    cause: error,
  })
}

/** The disk that is full is not that of ROOT where a mount of another one is written to. */
function fullMount(
  { volumes }: Pick<EngineContext, 'volumes'>,
  { record }: Container,
  folder: string,
  error: unknown,
): Error | undefined {
  if (!(error instanceof Failure) || error.code !== 'DISK_FULL') return undefined
  const path = posix.join(folder, nativeErrorOf(error)?.detail ?? '')
  const mount = record.mounts
    .filter(({ destination }) => isWithin(path, destination))
    .sort((a, b) => a.destination.length - b.destination.length)
    .at(-1)
  const volume = volumes.find(mount?.name ?? '')
  if (mount === undefined || (volume !== undefined && !hasFileSystem(volume))) return undefined
  const { detail } = error.diagnostics[0] ?? {}
  return failure({
    code: 'DISK_FULL',
    kind: 'unavailable',
    summary: error.message,
    ...(detail === undefined ? {} : { detail }),
    hint:
      mount.type === 'tmpfs'
        ? `it is the tmpfs at ${mount.destination} that has no room: its \`size\` says how much it has`
        : `it is ${volume === undefined ? mount.source : `the volume "${volume.name}"`} that has no room, which the container has at ${mount.destination}`,
    cause: error.cause,
  })
}

/** The container's user where it has one; without one owners stay as they are in the archive, as with Docker. */
async function ownerOf(
  engine: EngineContext,
  container: Container,
): Promise<{ readonly uid?: number; readonly gid?: number }> {
  const { imageId, config } = container.record
  if (config.User === undefined || config.User === '') return {}
  const { uid, gid } = resolveUser(config.User, await engine.users.ofContainer(imageId, container.paths))
  return { uid, gid }
}
