import type { ImageConfig } from '../config.ts'
import { type CacheDocument, checkDocument, documentOf } from './document.ts'
import type { RecordedStep } from './types.ts'

/** The field of an image's config that has its steps; what else reads configs leaves it alone. */
const FIELD = 'tscompose.build-cache.v1'

/** The config with the steps that made it. */
export function withInlineSteps(config: ImageConfig, steps: readonly RecordedStep[]): ImageConfig {
  const field = { [FIELD]: { steps: documentOf(steps, config.rootfs.diff_ids).steps } }
  return { ...config, ...field }
}

/** The steps that an image's config has in it; undefined where it has none. */
export function inlineSteps(config: ImageConfig): CacheDocument | undefined {
  const field: unknown = Reflect.get(config, FIELD)
  if (typeof field !== 'object' || field === null) return undefined
  return checkDocument({ ...field, layers: config.rootfs.diff_ids })
}
