import { timestamp } from '../../linux/wall-clock.ts'
import type { ContainerConfig, ImageConfig } from '../config.ts'
import { canonicalTar } from '../layer/measure.ts'
import { layerOf } from '../layer/unpacker.ts'
import type { ImageRecord } from '../record.ts'
import type { ImageStore } from '../store/types.ts'

/** What a commit makes an image of. */
export interface CommitOptions {
  readonly store: ImageStore
  /** The image that the container was made from. */
  readonly baseId: string
  /** The container's writable layer. */
  readonly upper: string
  readonly config: ContainerConfig
  readonly author: string
  readonly comment: string
  /** What the container ran, for the history. */
  readonly createdBy: string
  readonly references: readonly string[]
  readonly signal: AbortSignal
}

/** Makes an image of another one and of what a container has written over it. Raises LAYER_UNREADABLE. */
export async function commitImage(options: CommitOptions): Promise<ImageRecord> {
  const { store, baseId, upper, config, author, comment, createdBy, references, signal } = options
  const lease = await store.lease()
  try {
    const base = JSON.parse(Buffer.from(await store.configBytes(baseId)).toString('utf8')) as ImageConfig
    const draft = await lease.draft()
    const measure = layerOf(
      await lease.unpack(() => canonicalTar(upper), draft, signal),
      "the container's layer",
    )
    const isEmpty = measure.entries === 0
    if (!isEmpty) await draft.commitAs(measure)
    const created = timestamp()
    const { variant, architecture, os } = base
    const image: ImageConfig = {
      architecture,
      os,
      ...(variant === undefined ? {} : { variant }),
      ...(author === '' ? {} : { author }),
      created,
      config,
      rootfs: {
        type: 'layers',
        diff_ids: [...base.rootfs.diff_ids, ...(isEmpty ? [] : [measure.diffId])],
      },
      history: [
        ...(base.history ?? []),
        {
          created,
          created_by: createdBy,
          ...(author === '' ? {} : { author }),
          ...(comment === '' ? {} : { comment }),
          ...(isEmpty ? { empty_layer: true } : {}),
        },
      ],
    }
    return await store.addImage(image, references, undefined, [], baseId)
  } finally {
    await lease.end()
  }
}
