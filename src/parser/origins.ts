import type { Origin, Origins, Path } from '../model/index.ts'
import { scalarText } from './merge/key-values.ts'
import type { Entry, Node } from './tree/node.ts'
import { rangeOf, type Span } from './tree/source.ts'

/** Origins over the final tree: nothing is computed before somebody asks. */
export class TreeOrigins implements Origins {
  readonly #root: Node

  constructor(root: Node) {
    this.#root = root
  }

  of(path: Path): Origin | undefined {
    let at: Entry | undefined = { node: this.#root }
    for (const segment of path) {
      at = at && step(at.node, segment)
      if (at === undefined) return undefined
    }
    return originOf(at.node, at.key)
  }
}

function step(node: Node, segment: string | number): Entry | undefined {
  if (node.kind === 'map') return typeof segment === 'string' ? node.entries.get(segment) : undefined
  if (node.kind !== 'list') return undefined
  const item =
    typeof segment === 'number'
      ? node.items[segment]
      : // Environment, labels and the like are `KEY=value` lists inside, maps outside.
        node.items.find(each => each.kind === 'scalar' && keyOf(scalarText(each.value)) === segment)
  return item && { node: item }
}

function keyOf(text: string): string {
  return text.split('=', 1)[0] ?? ''
}

function originOf(node: Node, key: Span | undefined): Origin | undefined {
  const span = node.span ?? key
  if (span === undefined) return undefined
  const overrode: Origin[] = []
  for (let earlier = node.overrode; earlier; earlier = earlier.overrode) {
    const origin = originOf({ ...earlier, overrode: undefined } as unknown as Node, undefined)
    if (origin) overrode.push(origin)
  }
  const written =
    node.kind === 'scalar'
      ? (node.written ?? scalarText(node.value))
      : span.source.text.slice(span.start, span.end)
  const variables = node.kind === 'scalar' ? (node.variables ?? []) : []
  return { range: rangeOf(span), variables, overrode, written }
}
