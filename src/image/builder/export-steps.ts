import { failure, messageOf } from '../../diagnostics/index.ts'
import type { ImageConfig } from '../config.ts'
import { exportSteps, stepsInImage, type WrittenCache } from '../step-cache/exports.ts'
import { withInlineSteps } from '../step-cache/inline.ts'
import type { CacheTarget } from '../step-cache/types.ts'
import { type BuildRun, nobody } from './run-state.ts'

/** The config with the build's steps in it, where the build is to have its cache inline. */
export function withInlineCache({ options, recorded }: BuildRun, config: ImageConfig): ImageConfig {
  if (!(options.cacheTo ?? []).some(({ type }) => type === 'inline')) return config
  return withInlineSteps(config, stepsInImage([...recorded.values()], config.rootfs.diff_ids))
}

/**
 * Writes the steps of a build to where they are to go, one place after the other. Raises BUILD_CACHE_EXPORT where one cannot
 * be written, unless its failure is to be ignored. What they are found by, in that order.
 */
export async function exportCaches(
  run: BuildRun,
  images: readonly ImageConfig[],
): Promise<readonly WrittenCache[]> {
  const written: WrittenCache[] = []
  for (const target of run.options.cacheTo ?? [])
    if (target.type !== 'inline') written.push(...(await exportTo(run, images, target)))
  return written
}

async function exportTo(
  run: BuildRun,
  images: readonly ImageConfig[],
  target: Exclude<CacheTarget, { readonly type: 'inline' }>,
): Promise<readonly WrittenCache[]> {
  const { options, lease, recorded, emit } = run
  const { store, credentials = nobody, signal = new AbortController().signal } = options
  const name = 'folder' in target ? target.folder : target.reference
  const all = [...recorded.values()]
  const inImages = images.flatMap(({ rootfs }) => stepsInImage(all, rootfs.diff_ids))
  const steps = target.mode === 'max' ? all : [...new Set(inImages)]
  emit({ type: 'status', status: `Exporting build cache to ${name}` })
  try {
    return await run.trace.during(`exporting cache to ${name}`, async () => {
      const onProgress = ({ status, id }: { readonly status: string; readonly id?: string }): void =>
        emit({ type: 'status', status, ...(id === undefined ? {} : { id }) })
      return [await exportSteps(target, steps, { store, lease, credentials, signal, onProgress })]
    })
  } catch (error) {
    signal.throwIfAborted()
    const summary = `the build cache could not be written to "${name}": ${messageOf(error)}`
    if (target.ignoreError !== true)
      throw failure({ code: 'BUILD_CACHE_EXPORT', kind: 'unavailable', summary, cause: error })
    emit({ type: 'warning', code: 'BUILD_CACHE_EXPORT', text: summary })
    return []
  }
}
