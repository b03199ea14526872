import type { Path } from '../../model/index.ts'
import type { Entry, ListNode, MapNode, Node } from './node.ts'
import type { Cursor } from './pattern.ts'

export { renderPath } from '../../model/index.ts'

/** Changes one node that a pattern matched; undefined removes it. The path is the walk's own: it changes after the call. */
export type Rewrite<Context> = (node: Node, path: Path, context: Context) => Node | undefined

/**
 * Rewrites all nodes that a table's patterns match, children before their parents, and leaves everything else as it is.
 * Subtrees below which nothing can match are not visited.
 */
export function rewrite<Context>(
  node: Node,
  rules: Cursor<Rewrite<Context>>,
  context: Context,
): Node | undefined {
  return new Rewriting(context).rewrite(node, rules)
}

class Rewriting<Context> {
  readonly #context: Context
  readonly #path: (string | number)[] = []

  constructor(context: Context) {
    this.#context = context
  }

  rewrite(node: Node, cursor: Cursor<Rewrite<Context>>): Node | undefined {
    const inner =
      node.kind === 'map'
        ? this.#map(node, cursor)
        : node.kind === 'list'
          ? this.#list(node, cursor.item())
          : node
    return cursor.rule ? cursor.rule(inner, this.#path, this.#context) : inner
  }

  #map(node: MapNode, cursor: Cursor<Rewrite<Context>>): MapNode {
    let entries: Map<string, Entry> | undefined
    for (const [key, entry] of node.entries) {
      const below = cursor.key(key)
      if (below === undefined) continue
      const changed = this.#step(key, entry.node, below)
      if (changed === entry.node) continue
      entries ??= new Map(node.entries)
      if (changed === undefined) entries.delete(key)
      else entries.set(key, { ...entry, node: changed })
    }
    return entries === undefined ? node : { ...node, entries }
  }

  #list(node: ListNode, below: Cursor<Rewrite<Context>> | undefined): ListNode {
    if (below === undefined) return node
    const items = node.items.map((item, index) => this.#step(index, item, below))
    if (items.every((item, index) => item === node.items[index])) return node
    return { ...node, items: items.filter(item => item !== undefined) }
  }

  #step(segment: string | number, node: Node, below: Cursor<Rewrite<Context>>): Node | undefined {
    this.#path.push(segment)
    const changed = this.rewrite(node, below)
    this.#path.pop()
    return changed
  }
}
