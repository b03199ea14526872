import { join } from 'node:path'
import type { GraphDriver } from '../../../api/types/index.ts'
import { Failure } from '../../../diagnostics/index.ts'
import { contentSize } from '../../../native/index.ts'
import type { Container } from '../../state/container.ts'
import type { EngineContext } from '../../state/context.ts'
import { KeptPart } from '../../state/kept-part.ts'

/** Layers of containers that were asked for: they stay the same, and there, for as long as their container does. */
const known = new WeakMap<Container, readonly string[]>()

const drivers = new KeptPart<Container, GraphDriver>()

/** Where a container's files are: its layers, and the whole by the process that sees it. */
export async function renderGraphDriver(
  engine: Pick<EngineContext, 'images'>,
  container: Container,
): Promise<GraphDriver> {
  const { id, paths, live, record } = container
  const layers = known.get(container) ?? (await layersOf(engine, record.imageId))
  if (layers.length > 0) known.set(container, layers)
  const pid = live?.status?.pid
  return drivers.of(container, [layers, pid], () => ({
    Name: 'overlay2',
    Data: {
      ID: id,
      LowerDir: layers.join(':'),
      MergedDir: pid === undefined || pid === 0 ? join(paths.folder, 'merged') : `/proc/${pid}/root`,
      UpperDir: paths.upper,
      WorkDir: paths.work,
    },
  }))
}

/** None of an image that has gone, or lacks one: the rest is still to be shown. */
async function layersOf(engine: Pick<EngineContext, 'images'>, imageId: string): Promise<readonly string[]> {
  try {
    return await engine.images.layersOf(imageId)
  } catch (error) {
    if (error instanceof Failure) return []
    throw error
  }
}

/** Bytes of the writable layer, and with the image's. */
export interface ContainerSizes {
  readonly SizeRw: number
  readonly SizeRootFs: number
}

/** Measures them: each file of the writable layer is looked at. */
export async function sizesOf(
  engine: Pick<EngineContext, 'images'>,
  container: Container,
): Promise<ContainerSizes> {
  const [own, image] = await Promise.all([
    contentSize(container.paths.upper),
    engine.images.resolve(container.record.imageId),
  ])
  return { SizeRw: own, SizeRootFs: own + (image?.size ?? 0) }
}
