import type { BuildCacheSource, BuildCacheTarget } from '../../../types/index.ts'

interface Entry {
  readonly Type: string
  readonly Attrs: Readonly<Record<string, string>>
}

/** Whether steps are taken from there. */
export function isCacheSource({ Type, Attrs }: Entry): boolean {
  return Type === 'registry' && Attrs['ref'] !== undefined
}

/** Whether steps are put there. */
export function isCacheTarget(entry: Entry): boolean {
  return entry.Type === 'inline' || isCacheSource(entry)
}

/** Where steps may be taken from; none of what is no such place. */
export function cacheSource(entry: Entry): readonly BuildCacheSource[] {
  return isCacheSource(entry) ? [{ type: 'registry', reference: entry.Attrs['ref'] ?? '' }] : []
}

/** Where the steps of a build go; nowhere for what is no such place. */
export function cacheTarget(entry: Entry): readonly BuildCacheTarget[] {
  if (!isCacheTarget(entry)) return []
  const { Type, Attrs } = entry
  if (Type === 'inline') return [{ type: 'inline' }]
  return [
    {
      type: 'registry',
      reference: Attrs['ref'] ?? '',
      mode: Attrs['mode'] === 'max' ? 'max' : 'min',
      ignoreError: Attrs['ignore-error'] === 'true',
    },
  ]
}
