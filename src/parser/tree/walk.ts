import type { Path } from '../../model/index.ts'
import type { Entry, Node } from './node.ts'
import type { Cursor } from './pattern.ts'

export { renderPath } from '../../model/index.ts'

/** Changes one node that a pattern matched; undefined removes it. */
export type Rewrite<Context> = (node: Node, path: Path, context: Context) => Node | undefined

/**
 * Rewrites all nodes that a table's patterns match, children before their parents, and leaves everything else as it is.
 * Subtrees below which nothing can match are not visited.
 */
export function rewrite<Context>(
  node: Node,
  cursor: Cursor<Rewrite<Context>> | undefined,
  path: Path,
  context: Context,
): Node | undefined {
  if (cursor === undefined) return node
  const inner = rewriteChildren(node, cursor, path, context)
  return cursor.rule ? cursor.rule(inner, path, context) : inner
}

function rewriteChildren<Context>(
  node: Node,
  cursor: Cursor<Rewrite<Context>>,
  path: Path,
  context: Context,
): Node {
  if (node.kind === 'map') {
    let entries: Map<string, Entry> | undefined
    for (const [key, entry] of node.entries) {
      const below = cursor.key(key)
      if (below === undefined) continue
      const changed = rewrite(entry.node, below, [...path, key], context)
      if (changed === entry.node) continue
      entries ??= new Map(node.entries)
      if (changed === undefined) entries.delete(key)
      else entries.set(key, { ...entry, node: changed })
    }
    return entries === undefined ? node : { ...node, entries }
  }
  if (node.kind === 'list') {
    const below = cursor.item()
    if (below === undefined) return node
    const items = node.items.map((item, index) => rewrite(item, below, [...path, index], context))
    if (items.every((item, index) => item === node.items[index])) return node
    return { ...node, items: items.filter(item => item !== undefined) }
  }
  return node
}
