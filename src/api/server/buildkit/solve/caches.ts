import type { ClientCaches } from '../../../backend/solves.ts'
import type { BuildCacheSource, BuildCacheTarget } from '../../../types/index.ts'

interface Entry {
  readonly Type: string
  readonly Attrs: Readonly<Record<string, string>>
}

/** Whether steps are taken from there. */
export function isCacheSource({ Type, Attrs }: Entry): boolean {
  if (Type === 'local') return Attrs['src'] !== undefined && Attrs['digest'] !== undefined
  return Type === 'registry' && Attrs['ref'] !== undefined
}

/** Whether steps are put there. */
export function isCacheTarget({ Type, Attrs }: Entry): boolean {
  if (Type === 'local') return Attrs['dest'] !== undefined
  return Type === 'inline' || (Type === 'registry' && Attrs['ref'] !== undefined)
}

/** Where steps may be taken from that everybody reaches; none of what is no such place. */
export function cacheSource(entry: Entry): readonly BuildCacheSource[] {
  if (entry.Type === 'local' || !isCacheSource(entry)) return []
  return [{ type: 'registry', reference: entry.Attrs['ref'] ?? '' }]
}

/** Where the steps of a build go that everybody reaches; nowhere for what is no such place. */
export function cacheTarget(entry: Entry): readonly BuildCacheTarget[] {
  const { Type, Attrs } = entry
  if (Type === 'local' || !isCacheTarget(entry)) return []
  if (Type === 'inline') return [{ type: 'inline' }]
  return [{ type: 'registry', reference: Attrs['ref'] ?? '', ...lasting(Attrs) }]
}

/**
 * Folders of the client, each of which is a store on its session. It puts one manifest into the index of all that it has written
 * to, so that all get the same steps.
 */
export function clientCaches(imports: readonly Entry[], exports: readonly Entry[]): ClientCaches {
  const places = exports.filter(entry => entry.Type === 'local' && isCacheTarget(entry))
  const isAll = places.some(({ Attrs }) => Attrs['mode'] === 'max')
  return {
    from: imports
      .filter(entry => entry.Type === 'local' && isCacheSource(entry))
      .map(({ Attrs: { src = '', digest = '' } }) => ({ store: storeOf(src), folder: src, digest })),
    to: places.map(({ Attrs }) => {
      const { dest = '' } = Attrs
      return { store: storeOf(dest), folder: dest, ...lasting(Attrs), ...(isAll ? { mode: 'max' } : {}) }
    }),
  }
}

/** As the client's session names it. */
function storeOf(folder: string): string {
  return `local:${folder}`
}

function lasting(attributes: Entry['Attrs']): {
  readonly mode: 'min' | 'max'
  readonly ignoreError: boolean
} {
  return {
    mode: attributes['mode'] === 'max' ? 'max' : 'min',
    ignoreError: attributes['ignore-error'] === 'true',
  }
}
