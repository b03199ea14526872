import { existsSync } from 'node:fs'
import { join, posix } from 'node:path'
import { failure } from '../../diagnostics/index.ts'
import { firstProcessOf, type OutsideOp, type Slot } from '../../native/index.ts'
import { currentNamespace } from '../groups/user-mapping.ts'
import { openRootOf } from '../rootfs/index.ts'
import type { Container } from '../state/container.ts'
import type { MountRecord } from '../state/container-record.ts'
import type { EngineContext } from '../state/context.ts'
import { ETC_FILES } from '../state/paths.ts'

/** The slot that a location's root is in. */
export const ROOT: Slot = 0
const NAMESPACE: Slot = 1
const SOURCE: Slot = 1

/** Where a path of a container lies: a root, and the path inside it. */
export interface Location {
  /** Operations that put the root into the slot `ROOT`, for reading. */
  readonly open: readonly OutsideOp[]
  readonly path: string
  /** The mount that it lies in; undefined for the container's own file system. */
  readonly mount?: { readonly readonly: boolean; readonly destination: string }
}

/** What reading a container's files takes of the engine. */
export type FilesContext = Pick<EngineContext, 'images' | 'native' | 'paths'>

/**
 * The root that holds `path`: the volume or bind mounted there, the file that the engine has put there, or else the
 * container's file system. One that runs is seen as it sees itself, its tmpfs and /dev included, where something is mounted in the way
 * of a path or below it; but for /proc and /sys, as with Docker, and the whole of its root, which is without mounts.
 *
 * A mount is where the container has it, whatever lies at its source by now: another container may have put a link
 * there. Of one that does not run, it is what the next start would mount.
 */
export async function locate(engine: FilesContext, container: Container, path: string): Promise<Location> {
  const absolute = absolutePath(path)
  const running = runningRoot(container)
  const file = ownFileAt(container, absolute)
  if (file !== undefined)
    return running === undefined
      ? { open: [{ op: 'open', slot: ROOT, path: file, kind: 'path' }], path: '/' }
      : { open: running, path: absolute }
  const mount = mountAt(container, absolute)
  if (mount === undefined) {
    const isSeen = running !== undefined && absolute !== '/' && hasMountAround(container, absolute)
    return { open: isSeen ? running : mountLayers(ROOT, await rootLayers(engine, container)), path: absolute }
  }
  if (running !== undefined) return { open: running, path: absolute, mount }
  const inside = absolute.slice(mount.destination.length) || '/'
  return { open: openSource(mount), path: inside, mount }
}

/** A path of a container from its root, which it does not leave. PATH_INVALID. */
export function absolutePath(path: string): string {
  if (path.includes('\0')) throw invalidPath(path)
  return posix.join('/', path)
}

/** The mounts whose files archives see, the outermost first. */
export function seenMounts(container: Container): MountRecord[] {
  return container.record.mounts
    .filter(({ type }) => type === 'bind' || type === 'volume')
    .sort((a, b) => a.destination.length - b.destination.length)
}

/** The mount that an absolute path lies in; undefined for the container's own file system. */
export function mountAt(container: Container, path: string): MountRecord | undefined {
  return seenMounts(container).findLast(({ destination }) => isWithin(path, destination))
}

/** The file of the engine's that a container has at an absolute path, from its first start on or put in over its mounts; undefined where something of its own is mounted there. */
function ownFileAt(container: Container, path: string): string | undefined {
  if (container.record.overMounts?.includes(path)) return join(container.paths.overMounts, path)
  const name = ETC_FILES.find(each => path === `/etc/${each}`)
  if (name === undefined) return undefined
  if (mountAt(container, path)?.destination === path) return undefined
  const file = join(container.paths.etc, name)
  return existsSync(file) ? file : undefined
}

/**
 * Whether a path of the container's own file system has something mounted below it, or may lie in what has no source that could be
 * read: it may by a link, too, so of one that has a tmpfs or an image mounted all paths may.
 */
function hasMountAround(container: Container, path: string): boolean {
  if (isWithin(path, '/proc') || isWithin(path, '/sys')) return false
  const { overMounts = [], mounts } = container.record
  if (isWithin(path, '/dev') || mounts.some(({ type }) => type === 'tmpfs' || type === 'image')) return true
  const places = [...seenMounts(container).map(({ destination }) => destination), ...overMounts, '/etc/hosts']
  return places.some(place => isWithin(place, path))
}

/** True where an absolute path is the folder or lies below it. */
export function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder === '/' ? folder : `${folder}/`)
}

/** An archive is for a mount that is read-only. */
export function readonlyMount(): Error {
  return failure({
    code: 'PATH_READONLY',
    kind: 'invalidArgument',
    summary: 'mounted volume is marked read-only',
  })
}

/** The layers of a container's file system, top first. */
export async function rootLayers(engine: FilesContext, container: Container): Promise<readonly string[]> {
  const layers = await engine.images.layersOf(container.record.imageId)
  return [container.paths.upper, ...layers, engine.paths.initLayer]
}

/** Operations that put the root of a running container, its mounts included, into the slot `ROOT`. */
export function runningRoot(container: Container): OutsideOp[] | undefined {
  const status = container.running ? container.live?.status : undefined
  if (status === undefined) return undefined
  return openRootOf(firstProcessOf(status), ROOT, NAMESPACE, currentNamespace(container) !== undefined)
}

/** As the start opens it: a subpath cannot leave its volume. */
export function openSource({ source, subpath }: MountRecord): OutsideOp[] {
  if (subpath === undefined) return [{ op: 'open', slot: ROOT, path: source, kind: 'path' }]
  return [
    { op: 'open', slot: SOURCE, path: source, kind: 'folder' },
    { op: 'open', slot: ROOT, fromSlot: SOURCE, path: subpath, kind: 'path' },
  ]
}

/** Operations that put a root of layers, read-only, into a slot; the slots from 10 on are used. */
export function mountLayers(slot: Slot, layers: readonly string[]): OutsideOp[] {
  const [only] = layers
  if (layers.length === 1 && only !== undefined) return [{ op: 'open', slot, path: only, kind: 'folder' }]
  const lowerSlots = layers.map((_, index) => FIRST + index)
  return [...openAll(layers), { op: 'overlay', slot, lowerSlots }]
}

/** As `mountLayers`, writable: the first folder is the upper one. */
export function mountWritable(
  slot: Slot,
  root: { readonly upper: string; readonly work: string; readonly layers: readonly string[] },
): OutsideOp[] {
  return [
    { op: 'open', slot: FIRST - 1, path: root.upper, kind: 'folder' },
    { op: 'open', slot: FIRST - 2, path: root.work, kind: 'folder' },
    ...openAll(root.layers),
    {
      op: 'overlay',
      slot,
      lowerSlots: root.layers.map((_, index) => FIRST + index),
      upperSlot: FIRST - 1,
      workSlot: FIRST - 2,
    },
  ]
}

/** The first slot for layers. */
const FIRST = 10

function openAll(layers: readonly string[]): OutsideOp[] {
  return layers.map((path, index) => ({ op: 'open', slot: FIRST + index, path, kind: 'folder' }))
}

function invalidPath(path: string): Error {
  return failure({
    code: 'PATH_INVALID',
    kind: 'invalidArgument',
    summary: `path ${JSON.stringify(path)} holds a NUL`,
  })
}
