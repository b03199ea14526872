import type { Platform } from '../../oci/platform.ts'
import type { ImageRecord } from '../record.ts'
import type { BuildRun } from './run-state.ts'

/**
 * An image that a build takes something from: of the store, or brought by what brings images; `always` looks for a newer one. It is
 * for the platform that is named, or that of the build where it names one.
 */
export function ensureImage(
  { options, emit, asked }: Pick<BuildRun, 'options' | 'emit' | 'asked'>,
  reference: string,
  policy: 'always' | 'missing' = 'missing',
  platform: Platform | undefined = asked,
): Promise<ImageRecord> {
  const { store, credentials, signal } = options
  return store.ensure(reference, {
    policy,
    ...(platform === undefined ? {} : { platform }),
    ...(credentials === undefined ? {} : { credentials }),
    onProgress: ({ status, id }) => emit({ type: 'status', status, ...(id === undefined ? {} : { id }) }),
    ...(signal === undefined ? {} : { signal }),
  })
}
