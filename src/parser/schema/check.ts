import type { Path } from '../../model/index.ts'
import type { Layer } from '../layer.ts'
import { scalarText } from '../merge/key-values.ts'
import { type Entry, type MapNode, type Node, withoutKeys } from '../tree/node.ts'
import validate from './generated/validate.js'
import { describeProblems } from './problems.ts'

/** Checks the merged document by the schema; what is wrong is reported and dropped, so that later stages see sound data. */
export function checkSchema(document: MapNode, layer: Layer): MapNode {
  const { reporter } = layer.scope
  const version = document.entries.get('version')
  if (version)
    reporter.warn('OBSOLETE_VERSION', 'remove the attribute version: it is obsolete and ignored', {
      path: ['version'],
      span: version.key,
    })
  const node = withoutKeys(document, ['version'])
  if (validate(toData(node))) return node
  const drops: Path[] = []
  for (const { code, summary, drop, ...details } of describeProblems(validate.errors ?? [], node)) {
    reporter.error(code, summary, details)
    if (drop && drop.length > 0) drops.push(drop)
  }
  // Later items of a list go first, so that the indices of the others stay right.
  const sound = drops.sort(backwards).reduce<Node>((at, drop) => without(at, drop) ?? at, node)
  return sound.kind === 'map' ? sound : node
}

function backwards(a: Path, b: Path): number {
  const at = a.findIndex((segment, index) => segment !== b[index])
  const [left, right] = [a[at], b[at]]
  if (typeof left === 'number' && typeof right === 'number') return right - left
  return b.length - a.length
}

/** Plain data as the validator wants it. */
function toData(node: Node): unknown {
  if (node.kind === 'scalar') {
    // The validator takes only finite numbers for numbers; YAML has others.
    if (typeof node.value === 'number' && !Number.isFinite(node.value)) return scalarText(node.value)
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

/** The tree without one place. */
function without(node: Node, path: Path): Node | undefined {
  const [segment, ...rest] = path
  if (segment === undefined) return undefined
  if (node.kind === 'map' && typeof segment === 'string') {
    const entry = node.entries.get(segment)
    if (entry === undefined) return node
    const next = without(entry.node, rest)
    const entries = new Map<string, Entry>(node.entries)
    if (next === undefined) entries.delete(segment)
    else entries.set(segment, { ...entry, node: next })
    return { ...node, entries }
  }
  if (node.kind !== 'list' || typeof segment !== 'number') return node
  const items = node.items.flatMap((item, index) => (index === segment ? (without(item, rest) ?? []) : item))
  return { ...node, items }
}
