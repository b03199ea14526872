import type { Path } from '../../model/index.ts'
import { scalarText } from '../merge/key-values.ts'
import { hostItems } from '../shape/mapping.ts'
import type { Entry, Node } from '../tree/node.ts'

/** A value of the model in the tree. */
export interface Located extends Entry {
  /** How many segments of the path led there; fewer than it has where a short text stands for several values. */
  readonly depth: number
  /** What replaced values above it replaced here, the latest first. */
  readonly replacedAbove: readonly Node[]
}

/** The node behind a path of the model; undefined where the tree has none. */
export function locate(root: Node, path: Path): Located | undefined {
  let at: Entry = { node: root }
  let above: readonly Node[] = []
  for (const [depth, segment] of path.entries()) {
    if (at.node.kind === 'scalar' && at.node.value !== null) return { ...at, depth, replacedAbove: above }
    const next = step(at.node, segment, path[depth - 1])
    if (next === undefined) return undefined
    const replaced = earlierOf(at.node)
    above = [...replaced, ...above].flatMap(node => below(node, segment, path[depth - 1]))
    at = next
  }
  return { ...at, depth: path.length, replacedAbove: above }
}

/** What a value replaced, the latest first. */
export function earlierOf(node: Node): Node[] {
  const found: Node[] = []
  for (let earlier = node.overrode; earlier; earlier = earlier.overrode) found.push(earlier)
  return found
}

/** The same place in what was replaced; a list or text that was replaced counts whole for all that took its place. */
function below(node: Node, segment: string | number, parent: string | number | undefined): Node[] {
  if (node.kind !== 'map') return typeof segment === 'number' ? [node] : keyed(node, segment)
  const found = step(node, segment, parent)
  return found ? [found.node] : []
}

function keyed(node: Node, segment: string): Node[] {
  if (node.kind !== 'list') return []
  const found = step(node, segment, undefined)
  return found ? [found.node] : []
}

function step(node: Node, segment: string | number, parent: string | number | undefined): Entry | undefined {
  if (parent === 'extra_hosts' && typeof segment === 'number') {
    const item = hostItems(node)[segment]
    return item && { node: item.node }
  }
  if (node.kind === 'map') return typeof segment === 'string' ? node.entries.get(segment) : undefined
  if (node.kind !== 'list') return undefined
  // Environment, labels and the like are `KEY=value` lists inside, maps outside; of a key that is there twice the last wins.
  const item =
    typeof segment === 'number'
      ? node.items[segment]
      : node.items.findLast(each => each.kind === 'scalar' && keyOf(scalarText(each.value)) === segment)
  return item && { node: item }
}

function keyOf(text: string): string {
  return text.split('=', 1)[0] ?? ''
}
