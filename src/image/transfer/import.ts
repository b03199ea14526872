import { timestamp } from '../../linux/wall-clock.ts'
import { hostPlatform, type Platform } from '../../oci/platform.ts'
import type { ContainerConfig } from '../config.ts'
import { layerOf } from '../layer/unpacker.ts'
import type { ImageRecord } from '../record.ts'
import type { ImageStore } from '../store/types.ts'

/** What an import makes an image of. */
export interface ImportOptions {
  readonly store: ImageStore
  readonly config: ContainerConfig
  /** Absent: this machine. */
  readonly platform?: Platform
  readonly comment: string
  readonly references: readonly string[]
  readonly signal: AbortSignal
}

/** Makes an image of one layer from the tar of a file tree, plain or compressed. Raises what `applyLayer` raises. */
export async function importImage(
  source: AsyncIterable<Buffer>,
  options: ImportOptions,
): Promise<ImageRecord> {
  const { store, config, comment, references, signal } = options
  const { os, architecture, variant } = options.platform ?? hostPlatform()
  const lease = await store.lease()
  try {
    const draft = await lease.draft()
    const measure = layerOf(await lease.unpack(() => source, draft, signal), 'what is imported')
    await draft.commitAs(measure)
    const created = timestamp()
    const image = {
      architecture,
      os,
      ...(variant === undefined || options.platform === undefined ? {} : { variant }),
      created,
      config,
      rootfs: { type: 'layers' as const, diff_ids: [measure.diffId] },
      history: [{ created, created_by: '', comment }],
    }
    return await store.addImage(image, references)
  } finally {
    await lease.end()
  }
}
