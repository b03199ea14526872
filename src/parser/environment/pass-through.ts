import { toKeyValueList } from '../merge/key-values.ts'
import type { Lookup } from '../scope.ts'
import { child, list, type MapNode, type Node, scalar, textOf, withKey } from '../tree/node.ts'
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
