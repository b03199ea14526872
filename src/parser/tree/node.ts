import type { OriginRule } from '../../model/index.ts'
import type { ScalarValue } from '../../notation/yaml/scalar.ts'
import type { Span } from './source.ts'

/** `!reset` and `!override` of the Compose merge rules. */
export type MergeTag = 'reset' | 'override'

interface NodeBase {
  /** Where it is written; absent for what the loader itself filled in. */
  readonly span?: Span
  readonly tag?: MergeTag
  /** What this value replaced by merging. */
  readonly overrode?: Node
  /** The rule that made it, where it is not what is written. */
  readonly rule?: OriginRule
}

/** A single value. */
export interface ScalarNode extends NodeBase {
  readonly kind: 'scalar'
  readonly value: ScalarValue
  /** True for a whole number written as a float, such as 1e6: as text it looks otherwise than 1000000. */
  readonly float?: true
  /** The text before interpolation, where it differs. */
  readonly written?: string
  /** Variables that interpolation looked up. */
  readonly variables?: readonly string[]
}

/** One key of a map. */
export interface Entry {
  readonly key?: Span
  readonly node: Node
}

/** A mapping in the order of its file. */
export interface MapNode extends NodeBase {
  readonly kind: 'map'
  readonly entries: ReadonlyMap<string, Entry>
}

/** A sequence. */
export interface ListNode extends NodeBase {
  readonly kind: 'list'
  readonly items: readonly Node[]
}

/**
 * The tree that all passes work on: plain data with places. Nodes are never changed, since aliases share them;
 * a pass that changes something makes a new node for it and for each of its parents.
 */
export type Node = ScalarNode | MapNode | ListNode

const NOWHERE: NodeBase = {}

/** A scalar with the place of another node. Written out, like all that is made for every value: spreading is slow. */
export function scalar(value: ScalarValue, at?: Node): ScalarNode {
  const { span, overrode } = at ?? NOWHERE
  if (overrode !== undefined) return { ...placeOf(at), kind: 'scalar', value }
  return span === undefined ? { kind: 'scalar', value } : { kind: 'scalar', value, span }
}

/** A scalar that a rule makes; with the place of the node that it follows from, if there is one. */
export function ruled(rule: OriginRule, value: ScalarValue, at?: Node): ScalarNode {
  return { ...scalar(value, at), rule }
}

/** A node that replaces an earlier one: that goes to the end of what the node has replaced already. */
export function replacing<Kind extends Node>(node: Kind, earlier: Node): Kind {
  return { ...node, overrode: node.overrode ? replacing(node.overrode, earlier) : earlier }
}

/** A list with the place of another node. */
export function list(items: readonly Node[], at?: Node): ListNode {
  const { span, overrode } = at ?? NOWHERE
  if (overrode !== undefined) return { ...placeOf(at), kind: 'list', items }
  return span === undefined ? { kind: 'list', items } : { kind: 'list', items, span }
}

/** A map of fresh entries with the place of another node; undefined values are left out. */
export function map(fields: Readonly<Record<string, Node | undefined>>, at?: Node): MapNode {
  const { span, overrode } = at ?? NOWHERE
  const entries = new Map<string, Entry>()
  for (const key in fields) {
    const node = fields[key]
    if (node !== undefined) entries.set(key, span === undefined ? { node } : { key: span, node })
  }
  if (overrode !== undefined) return { ...placeOf(at), kind: 'map', entries }
  return span === undefined ? { kind: 'map', entries } : { kind: 'map', entries, span }
}

/** A map with other entries. */
export function withEntries(node: MapNode, entries: ReadonlyMap<string, Entry>): MapNode {
  return { ...node, entries }
}

/** A map with one key set; the key's own place stays when it had one. */
export function withKey(node: MapNode, key: string, value: Node): MapNode {
  const entries = new Map(node.entries)
  const old = entries.get(key)
  entries.set(key, old?.key === undefined ? { node: value } : { key: old.key, node: value })
  return { ...node, entries }
}

/** A map without some keys. */
export function withoutKeys(node: MapNode, keys: readonly string[]): MapNode {
  if (!keys.some(key => node.entries.has(key))) return node
  const entries = new Map(node.entries)
  for (const key of keys) entries.delete(key)
  return { ...node, entries }
}

/** The value of a key; undefined when the node is no map or has no such key. */
export function child(node: Node | undefined, key: string): Node | undefined {
  return node?.kind === 'map' ? node.entries.get(key)?.node : undefined
}

/** The value below several keys. */
export function descendant(node: Node | undefined, keys: readonly string[]): Node | undefined {
  return keys.reduce<Node | undefined>((at, key) => child(at, key), node)
}

/** The text of a string scalar. */
export function textOf(node: Node | undefined): string | undefined {
  return node?.kind === 'scalar' && typeof node.value === 'string' ? node.value : undefined
}

/** The node where it is a map. */
export function asMap(node: Node | undefined): MapNode | undefined {
  return node?.kind === 'map' ? node : undefined
}

/** The node where it is a list. */
export function asList(node: Node | undefined): ListNode | undefined {
  return node?.kind === 'list' ? node : undefined
}

/** True for a scalar null. */
export function isNull(node: Node | undefined): boolean {
  return node?.kind === 'scalar' && node.value === null
}

/** True for what stands there and is not null. */
export function isSaid(node: Node | undefined): boolean {
  return node !== undefined && !isNull(node)
}

/** The word for a node's type that diagnostics use. */
export function typeName(node: Node): string {
  if (node.kind === 'map') return 'a mapping'
  if (node.kind === 'list') return 'a list'
  if (node.value === null) return 'null'
  if (typeof node.value === 'string') return 'a string'
  if (node.value instanceof Date) return 'a date'
  return typeof node.value === 'boolean' ? 'a boolean' : 'a number'
}

function placeOf(at: Node | undefined): { span?: Span; overrode?: Node } {
  return {
    ...(at?.span === undefined ? {} : { span: at.span }),
    ...(at?.overrode === undefined ? {} : { overrode: at.overrode }),
  }
}
