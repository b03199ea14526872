import { posix } from 'node:path'
import { failure } from '../../diagnostics/index.ts'
import type { OutsideOp, Slot } from '../../native/index.ts'
import type { Container } from '../containers/container.ts'
import type { EngineContext } from '../context.ts'

/** Where a path of a container lies: a root of folders, top first, and the path inside it. */
export interface View {
  readonly layers: readonly string[]
  readonly path: string
  /** The mount that it lies in; undefined for the container's own file system. */
  readonly mount?: { readonly source: string; readonly readonly: boolean }
}

/**
 * The root that holds `path`: the volume or bind mounted there, or else the container's file system. As with Docker,
 * what lies in a tmpfs is not seen, and neither are /proc and /sys.
 */
export async function viewOf(engine: EngineContext, container: Container, path: string): Promise<View> {
  if (path.includes('\0')) throw invalidPath(path)
  const absolute = posix.join('/', path)
  const mount = container.record.mounts
    .filter(each => each.type === 'bind' || each.type === 'volume')
    .filter(each => absolute === each.destination || absolute.startsWith(`${each.destination}/`))
    .sort((a, b) => b.destination.length - a.destination.length)[0]
  if (mount !== undefined) {
    const source = posix.join(mount.source, mount.subpath ?? '')
    const inside = absolute.slice(mount.destination.length) || '/'
    return { layers: [source], path: inside, mount: { source, readonly: mount.readonly } }
  }
  const layers = await engine.images.layersOf(container.record.imageId)
  return { layers: [container.paths.upper, ...layers, engine.paths.initLayer], path: absolute }
}

/** Operations that put a root of layers, read-only, into a slot; the slots from 10 on are used. */
export function mountView(slot: Slot, layers: readonly string[]): OutsideOp[] {
  const [only] = layers
  if (layers.length === 1 && only !== undefined) return [{ op: 'open', slot, path: only, kind: 'folder' }]
  const lowerSlots = layers.map((_, index) => FIRST + index)
  return [...openAll(layers), { op: 'overlay', slot, lowerSlots }]
}

/** As `mountView`, writable: the first folder is the upper one. */
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
