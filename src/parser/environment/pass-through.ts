import type { ScalarValue } from '../../notation/yaml/scalar.ts'
import { toKeyValueList } from '../merge/key-values.ts'
import type { Lookup } from '../scope.ts'
import {
  child,
  type Entry,
  isNull,
  list,
  type MapNode,
  type Node,
  ruled,
  type ScalarNode,
  textOf,
  withEntries,
  withKey,
} from '../tree/node.ts'
import { compileRules } from '../tree/pattern.ts'
import { type Rewrite, rewrite } from '../tree/walk.ts'

/**
 * Gives variables without a value that of the project's environment: `environment` keeps what is not set (it unsets the
 * image's variable), build arguments drop it, secrets and configs get the content that their `environment` names.
 * Runs before an included model is merged, since an include has an environment of its own. Build arguments are resolved
 * where the model is normalized.
 */
export function resolveEnvironment(node: Node, lookup: Lookup, isNormalized: boolean): Node {
  const resolved = rewrite(node, RULES, lookup) ?? node
  return isNormalized ? (rewrite(resolved, ARGUMENTS, lookup) ?? resolved) : resolved
}

type Rule = Rewrite<Lookup>

function passThrough(unset: 'keep' | 'drop'): Rule {
  return (node, _path, lookup) => {
    if (node.kind === 'scalar') return node
    if (node.kind === 'map') return passThroughMap(node, unset, lookup)
    const items: Node[] = []
    for (const item of toKeyValueList(node)) {
      const text = textOf(item)
      if (text === undefined || text.includes('=')) {
        items.push(item)
        continue
      }
      const value = lookup(text)
      if (value !== undefined) items.push(passed(item, `${text}=${value}`))
      else if (unset === 'keep') items.push(passed(item, text))
    }
    return list(items, node)
  }
}

function passThroughMap(node: MapNode, unset: 'keep' | 'drop', lookup: Lookup): Node {
  let entries: Map<string, Entry> | undefined
  for (const [key, entry] of node.entries) {
    if (!isNull(entry.node)) continue
    const value = lookup(key)
    entries ??= new Map(node.entries)
    if (value !== undefined || unset === 'keep')
      entries.set(key, { ...entry, node: passed(entry.node, value ?? null) })
    else entries.delete(key)
  }
  return entries ? withEntries(node, entries) : node
}

function passed(node: Node, value: ScalarValue): ScalarNode {
  return { ...node, kind: 'scalar', value, rule: 'pass-through' } as ScalarNode
}

const content: Rule = (node, _path, lookup) => {
  const name = textOf(child(node, 'environment'))
  if (node.kind !== 'map' || name === undefined) return node
  const value = lookup(name)
  return value === undefined
    ? node
    : withKey(node, 'content', ruled('content-of-variable', value, child(node, 'environment')))
}

const ARGUMENTS = compileRules<Rule>([['services.*.build.args', passThrough('drop')]])

const RULES = compileRules<Rule>([
  ['services.*.environment', passThrough('keep')],
  ['services.*.post_start.[].environment', passThrough('keep')],
  ['services.*.pre_start.[].environment', passThrough('keep')],
  ['services.*.pre_stop.[].environment', passThrough('keep')],
  ['configs.*', content],
  ['secrets.*', content],
])
