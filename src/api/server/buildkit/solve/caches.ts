import { failure } from '../../../../diagnostics/index.ts'
import type { BuildCacheSource, BuildCacheTarget } from '../../../types/index.ts'

interface Entry {
  readonly Type: string
  readonly Attrs: Readonly<Record<string, string>>
}

/** Where steps may be taken from; what is no place that we read steps from gives none, as BuildKit does without a cache. */
export function cacheSource({ Type, Attrs }: Entry): readonly BuildCacheSource[] {
  const { ref } = Attrs
  return Type === 'registry' && ref !== undefined ? [{ type: 'registry', reference: ref }] : []
}

/** Where the steps of a build go. Raises CACHE_EXPORT_UNSUPPORTED. */
export function cacheTarget({ Type, Attrs }: Entry): BuildCacheTarget {
  if (Type === 'inline') return { type: 'inline' }
  if (Type === 'registry' && Attrs['ref'] !== undefined)
    return {
      type: 'registry',
      reference: Attrs['ref'],
      mode: Attrs['mode'] === 'max' ? 'max' : 'min',
      ignoreError: Attrs['ignore-error'] === 'true',
    }
  throw failure({
    code: 'CACHE_EXPORT_UNSUPPORTED',
    kind: 'invalidArgument',
    summary: `cache export of type ${Type} is not supported`,
    hint: 'type=registry and type=inline are',
  })
}
