import type { ImageRecord } from '../record.ts'
import type { BuildRun } from './run-state.ts'

/** An image that a build takes something from: of the store, or brought by what brings images; `always` looks for a newer one. */
export function ensureImage(
  { options, emit }: Pick<BuildRun, 'options' | 'emit'>,
  reference: string,
  policy: 'always' | 'missing' = 'missing',
): Promise<ImageRecord> {
  const { store, credentials, signal } = options
  return store.ensure(reference, {
    policy,
    ...(credentials === undefined ? {} : { credentials }),
    onProgress: ({ status, id }) => emit({ type: 'status', status, ...(id === undefined ? {} : { id }) }),
    ...(signal === undefined ? {} : { signal }),
  })
}
