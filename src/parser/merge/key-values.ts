import { formatDate, formatFloat, formatNumber, type ScalarValue } from '../../notation/yaml/scalar.ts'
import type { Node, ScalarNode } from '../tree/node.ts'

/** A scalar as text, as Go prints it; null has none. */
export function scalarText(value: ScalarValue): string {
  if (value === null) return ''
  if (value instanceof Date) return formatDate(value)
  if (typeof value === 'number' || typeof value === 'bigint') return formatNumber(value)
  return String(value)
}

/** The text that a scalar stands for where text is wanted. */
export function textOfScalar({ value, float }: ScalarNode): string {
  return float && typeof value === 'number' ? formatFloat(value) : scalarText(value)
}

/** A map as a sorted `KEY=value` list, a key without value as `KEY`; a list as it is. */
export function toKeyValueList(node: Node): readonly Node[] {
  if (node.kind === 'list') return node.items
  if (node.kind !== 'map') return []
  const items: Node[] = []
  for (const [key, entry] of [...node.entries].sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (entry.node.tag === 'reset') continue
    for (const value of valuesOf(entry.node)) items.push(keyValue(key, value))
  }
  return items
}

function valuesOf(node: Node): readonly Node[] {
  return node.kind === 'list' ? node.items : [node]
}

function keyValue(key: string, node: Node): Node {
  if (node.kind !== 'scalar') return { kind: 'scalar', value: key }
  return { ...node, value: node.value === null ? key : `${key}=${textOfScalar(node)}` }
}
