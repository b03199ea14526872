import { type Node, textOf } from '../tree/node.ts'
import { compileRules } from '../tree/pattern.ts'
import { type Rewrite, rewrite } from '../tree/walk.ts'

/** Drops blank items of lists where a blank means nothing: `dns: [${DNS}]` without a value names no server. */
export function omitEmpty(node: Node): Node {
  return rewrite(node, RULES, undefined) ?? node
}

const dropBlank: Rewrite<undefined> = node =>
  node.kind === 'list' ? { ...node, items: node.items.filter(item => textOf(item) !== '') } : node

const RULES = compileRules<Rewrite<undefined>>([['services.*.dns', dropBlank]])
