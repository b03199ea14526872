import type { Readable } from 'node:stream'
import { hostPlatform, type Platform } from '../../oci/platform.ts'
import type { ContainerConfig } from '../config.ts'
import { applyLayer } from '../layer/apply.ts'
import type { TreeOperations } from '../layer/trees.ts'
import type { ImageRecord } from '../record.ts'
import type { ImageStore } from '../store/types.ts'

/** What an import makes an image of. */
export interface ImportOptions {
  readonly store: ImageStore
  readonly trees: TreeOperations
  readonly config: ContainerConfig
  /** Absent: this machine. */
  readonly platform?: Platform
  readonly comment: string
  readonly references: readonly string[]
  readonly signal: AbortSignal
}

/** Makes an image of one layer from the tar of a file tree, plain or compressed. Raises what `applyLayer` raises. */
export async function importImage(source: Readable, options: ImportOptions): Promise<ImageRecord> {
  const { store, trees, config, comment, references, signal } = options
  const { os, architecture, variant } = options.platform ?? hostPlatform()
  const lease = await store.lease()
  try {
    const draft = await lease.draft()
    const measure = await applyLayer(trees, source, draft, signal)
    await draft.commitAs(measure)
    const created = new Date().toISOString()
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
