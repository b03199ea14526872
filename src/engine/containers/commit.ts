import type { ContainerConfig, ImageCommitOptions } from '../../api/types/index.ts'
import { applyChanges, commitImage, type ContainerConfig as ImageContainerConfig } from '../../image/index.ts'
import { familiarReference, parseReference } from '../../oci/reference.ts'
import { publishContainerEvent } from '../events/container-event.ts'
import { tellImage } from '../events/image-event.ts'
import type { EngineContext } from '../state/context.ts'
import { whilePaused } from './while-paused.ts'

/** What of a container's config is the image's, too; the rest is about one run. */
const OF_IMAGES = [
  'User',
  'ExposedPorts',
  'Env',
  'Entrypoint',
  'Cmd',
  'Healthcheck',
  'ArgsEscaped',
  'Volumes',
  'WorkingDir',
  'OnBuild',
  'Labels',
  'StopSignal',
  'Shell',
] as const satisfies readonly (keyof ContainerConfig)[]

/** `POST /commit`: an image of the container's image and of what it has written; its id. */
export async function commitContainer(
  engine: EngineContext,
  options: ImageCommitOptions,
  reference: string | undefined,
  signal: AbortSignal,
): Promise<string> {
  const container = engine.containers.resolve(options.container)
  const { record, paths } = container
  const config = await applyChanges({ ...pick(record.config), ...pick(options.config) }, options.changes)
  const commit = (): ReturnType<typeof commitImage> =>
    commitImage({
      store: engine.images,
      baseId: record.imageId,
      upper: paths.upper,
      config,
      author: options.author,
      comment: options.comment,
      createdBy: record.argv.join(' '),
      references: reference === undefined ? [] : [reference],
      signal,
    })
  const image = await engine.locks.run(container.id, () =>
    options.pause ? whilePaused(engine, [container], commit) : commit(),
  )
  tellImage(engine, 'create', image.id)
  if (reference !== undefined) tellImage(engine, 'tag', image.id, reference)
  publishContainerEvent(engine, container, 'commit', {
    comment: options.comment,
    imageID: image.id,
    imageRef: reference === undefined ? '' : familiarReference(parseReference(reference)),
  })
  return image.id
}

function pick(config: ContainerConfig): ImageContainerConfig {
  return Object.fromEntries(OF_IMAGES.flatMap(key => (config[key] === undefined ? [] : [[key, config[key]]])))
}
