import type { Path } from '../../model/index.ts'
import type { DocumentContext } from '../document-context.ts'
import {
  type Entry,
  type MapNode,
  type Node,
  textOf,
  typeName,
  withEntries,
  withoutKeys,
} from '../tree/node.ts'
import validate from './generated/validate.js'
import { describeProblems, pathOf } from './problems.ts'

/** Checks the merged document by the schema; what is wrong is reported and dropped, so that later passes see sound data. */
export function checkSchema(document: MapNode, context: DocumentContext): MapNode {
  const { reporter } = context.scope
  const version = document.entries.get('version')
  if (version && textOf(version.node) === undefined)
    reporter.error('INVALID_TYPE', `write a string, got ${typeName(version.node)}`, {
      path: ['version'],
      node: version.node,
      hint: 'remove the attribute version: it is obsolete and ignored',
    })
  else if (version)
    reporter.warn('OBSOLETE_VERSION', 'remove the attribute version: it is obsolete and ignored', {
      path: ['version'],
      span: version.key,
    })
  const node = withoutKeys(document, ['version'])
  if (validate(toData(node))) return node
  const drops: Drops = new Map()
  for (const { code, summary, drop, meant, ...details } of describeProblems(validate.errors ?? [], node)) {
    reporter.error(code, summary, details)
    if (meant) reporter.markBroken(meant)
    if (drop) addDrop(drops, drop)
  }
  const sound = without(node, drops)
  return sound.kind === 'map' ? sound : node
}

/** Where the schema finds something wrong with a document as it was parsed: an attribute that is not known is its own place. */
export function placesOfProblems(document: Node): Path[] {
  if (document.kind !== 'map') return [[]]
  if (validate(toData(withoutKeys(document, ['version'])))) return []
  return (validate.errors ?? []).map(({ instancePath, params }) => {
    const { additionalProperty: unknown } = params as { readonly additionalProperty?: string }
    return [...pathOf(instancePath, document), ...(unknown === undefined ? [] : [unknown])]
  })
}

/** What is dropped, as a tree of keys and indices: a whole value, or parts of it. */
type Drops = Map<string | number, Drops | 'whole'>

function addDrop(drops: Drops, [first, ...rest]: Path): void {
  if (first === undefined) return
  const there = drops.get(first)
  if (there === 'whole') return
  if (rest.length === 0) drops.set(first, 'whole')
  else {
    const below: Drops = there ?? new Map()
    drops.set(first, below)
    addDrop(below, rest)
  }
}

/** Plain data as the validator wants it. */
function toData(node: Node): unknown {
  if (node.kind === 'scalar') {
    // The validator takes only finite numbers for numbers; YAML has others, and none of them is whole.
    if (typeof node.value === 'number' && !Number.isFinite(node.value)) return 0.5
    return typeof node.value === 'bigint' ? Number(node.value) : node.value
  }
  if (node.kind === 'list') return node.items.map(toData)
  // No bare object: the validator compares with methods that plain ones inherit.
  const data: Record<string, unknown> = {}
  for (const [key, entry] of node.entries) {
    const value = toData(entry.node)
    if (key === '__proto__') Object.defineProperty(data, key, { value, enumerable: true })
    else data[key] = value
  }
  return data
}

/** The tree without some places. */
function without(node: Node, drops: Drops): Node {
  const sound = (below: Node, segment: string | number): Node | undefined => {
    const drop = drops.get(segment)
    if (drop === undefined) return below
    return drop === 'whole' ? undefined : without(below, drop)
  }
  if (node.kind === 'map') {
    const entries = new Map<string, Entry>()
    for (const [key, entry] of node.entries) {
      const next = sound(entry.node, key)
      if (next !== undefined) entries.set(key, next === entry.node ? entry : { ...entry, node: next })
    }
    return withEntries(node, entries)
  }
  if (node.kind === 'scalar') return node
  return { ...node, items: node.items.flatMap((item, index) => sound(item, index) ?? []) }
}
