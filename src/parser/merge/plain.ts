import type { Path } from '../../model/index.ts'
import type { Reporter } from '../reporter.ts'
import { type Entry, isNull, type MapNode, type Node, replacing, typeName } from '../tree/node.ts'
import { renderPath } from '../tree/walk.ts'

/** What a rule needs to go on merging below its own place. */
export interface Merger {
  readonly reporter: Reporter
  readonly path: Path
  readonly below: (key: string, base: Node, override: Node) => Node
}

/** The general rule by type. */
export function mergePlain(base: Node, override: Node, merger: Merger): Node {
  if (isNull(base)) return replacing(override, base)
  if (base.kind === 'map' && override.kind === 'map') return mergeMaps(base, override, merger)
  if (base.kind === 'list' && override.kind === 'list')
    return { ...base, items: [...base.items, ...override.items] }
  if (base.kind !== 'scalar' && base.kind !== override.kind) {
    merger.reporter.error(
      'MERGE_CONFLICT',
      `override ${typeName(base)} with ${typeName(base)}, got ${typeName(override)}`,
      {
        path: merger.path,
        node: override,
        detail: `${renderPath(merger.path)} is ${typeName(base)} in an earlier file`,
        hint: 'write it in the same form, or replace it with !override',
      },
    )
    return base
  }
  return base.kind === 'scalar' ? replacing(override, base) : override
}

/** Key-wise merge of two maps. */
export function mergeMaps(base: MapNode, override: MapNode, merger: Merger): MapNode {
  const entries = new Map<string, Entry>(base.entries)
  for (const [key, entry] of override.entries) {
    const old = entries.get(key)
    const node = old ? merger.below(key, old.node, entry.node) : entry.node
    entries.set(key, { ...entry, node })
  }
  return { ...base, entries, ...(override.span === undefined ? {} : { span: override.span }) }
}
