import { toKeyValueList } from '../merge/key-values.ts'
import type { Lookup } from '../scope.ts'
import {
  child,
  isNull,
  list,
  type MapNode,
  type Node,
  scalar,
  textOf,
  withEntries,
  withKey,
} from '../tree/node.ts'
import { compileRules } from '../tree/pattern.ts'
import { type Rewrite, rewrite } from '../tree/walk.ts'

/**
 * Gives variables without a value that of the project's environment: `environment` keeps what is not set (it unsets the
 * image's variable), build arguments drop it, secrets and configs get the content that their `environment` names.
 * Runs before an included model is merged, since an include has an environment of its own.
 */
export function resolveEnvironment(node: Node, lookup: Lookup): Node {
  return rewrite(node, RULES, [], lookup) ?? node
}

type Rule = Rewrite<Lookup>

function passThrough(unset: 'keep' | 'drop'): Rule {
  return (node, _path, lookup) => {
    if (node.kind === 'scalar') return node
    if (node.kind === 'map') return passThroughMap(node, unset, lookup)
    const items: Node[] = []
    for (const item of toKeyValueList(node)) {
      const text = textOf(item)
      const value = text === undefined || text.includes('=') ? undefined : lookup(text)
      if (value !== undefined) items.push({ ...item, kind: 'scalar', value: `${text}=${value}` } as Node)
      else if (unset === 'keep' || text === undefined || text.includes('=')) items.push(item)
    }
    return list(items, node)
  }
}

function passThroughMap(node: MapNode, unset: 'keep' | 'drop', lookup: Lookup): Node {
  const entries = new Map(node.entries)
  for (const [key, entry] of entries) {
    if (!isNull(entry.node)) continue
    const value = lookup(key)
    if (value !== undefined)
      entries.set(key, { ...entry, node: { ...entry.node, kind: 'scalar', value } as Node })
    else if (unset === 'drop') entries.delete(key)
  }
  return withEntries(node, entries)
}

const content: Rule = (node, _path, lookup) => {
  const name = textOf(child(node, 'environment'))
  if (node.kind !== 'map' || name === undefined) return node
  const value = lookup(name)
  return value === undefined ? node : withKey(node as MapNode, 'content', scalar(value))
}

const RULES = compileRules<Rule>([
  ['services.*.build.args', passThrough('drop')],
  ['services.*.environment', passThrough('keep')],
  ['services.*.post_start.[].environment', passThrough('keep')],
  ['services.*.pre_start.[].environment', passThrough('keep')],
  ['services.*.pre_stop.[].environment', passThrough('keep')],
  ['configs.*', content],
  ['secrets.*', content],
])
