import { isAlias, isMap, isScalar, isSeq, type ParsedNode, type Scalar, type YAMLMap } from 'yaml'
import type { Reporter } from '../reporter.ts'
import type { Entry, MergeTag, Node, ScalarValue } from '../tree/node.ts'
import { rangeOf, type Source, type Span } from '../tree/source.ts'
import { resolveNumber, resolvePlain } from './scalar.ts'

/** How many nodes aliases may add to a document: a bomb is refused before it costs anything. */
const ALIAS_LIMIT = 250_000

interface Anchor {
  readonly node: Node
  /** How many nodes it stands for, its own aliases expanded. */
  readonly size: number
}

/** Turns the nodes of the YAML library into ours: scalars by go-yaml's rules, aliases and `<<` resolved. */
export class Converter {
  readonly #source: Source
  readonly #reporter: Reporter
  readonly #anchors = new Map<string, Anchor | 'open'>()
  #size = 0
  #aliased = 0

  constructor(source: Source, reporter: Reporter) {
    this.#source = source
    this.#reporter = reporter
  }

  /** Converts one node and all below it. */
  convert(node: ParsedNode): Node {
    if (isAlias(node)) return this.#alias(node.source, this.#span(node))
    const { anchor } = node
    const before = this.#size
    if (anchor !== undefined) this.#anchors.set(anchor, 'open')
    const converted = this.#value(node)
    if (anchor !== undefined) this.#anchors.set(anchor, { node: converted, size: this.#size - before })
    return converted
  }

  #value(node: ParsedNode): Node {
    this.#size += 1
    const span = this.#span(node)
    const tag = mergeTagOf(node.tag)
    const place = tag === undefined ? { span } : { span, tag }
    if (isScalar(node)) return { kind: 'scalar', value: this.#scalar(node, span), ...place }
    if (isSeq(node)) {
      const items = node.items.map(item => this.convert(item as ParsedNode))
      return { kind: 'list', items, ...place }
    }
    if (isMap(node)) return { kind: 'map', entries: this.#entries(node), ...place }
    return { kind: 'scalar', value: null, ...place }
  }

  #scalar(node: Scalar, span: Span): ScalarValue {
    const text = typeof node.value === 'string' ? node.value : (node.source ?? '')
    switch (node.tag) {
      case undefined:
      case '!reset':
      case '!override':
        return node.type === 'PLAIN' ? resolvePlain(text) : text
      case 'tag:yaml.org,2002:int':
      case 'tag:yaml.org,2002:float': {
        const number = resolveNumber(text)
        if (number !== undefined) return number
        this.#reporter.error('YAML_TAG', `write a number, got "${text}"`, { span })
        return null
      }
      case 'tag:yaml.org,2002:bool':
      case 'tag:yaml.org,2002:null':
        return resolvePlain(text)
      case 'tag:yaml.org,2002:str':
        return text
      default:
        return node.type === 'PLAIN' && !node.tag.startsWith('tag:yaml.org') ? resolvePlain(text) : text
    }
  }

  #entries(node: YAMLMap): Map<string, Entry> {
    const entries = new Map<string, Entry>()
    const merged: Node[] = []
    for (const pair of node.items) {
      const keyNode = pair.key as ParsedNode
      const key = this.#key(keyNode)
      if (key === undefined) continue
      const value = pair.value === null ? undefined : (pair.value as ParsedNode)
      const keySpan = this.#span(keyNode)
      const converted: Node = value
        ? this.convert(value)
        : { kind: 'scalar', value: null, span: { ...keySpan, start: keySpan.end } }
      if (key === '<<' && isScalar(keyNode) && keyNode.type === 'PLAIN') {
        merged.push(...this.#mergeSources(converted))
        continue
      }
      const earlier = entries.get(key)
      if (earlier) this.#duplicate(key, keySpan, earlier)
      entries.set(key, { key: keySpan, node: converted })
    }
    // Keys written in the map win over merged ones, and the first of several merged maps wins.
    for (const source of merged)
      if (source.kind === 'map')
        for (const [key, entry] of source.entries) if (!entries.has(key)) entries.set(key, entry)
    return entries
  }

  #key(node: ParsedNode): string | undefined {
    const converted = isAlias(node) || isScalar(node) ? this.convert(node) : undefined
    if (converted?.kind === 'scalar' && typeof converted.value === 'string') return converted.value
    const got = converted?.kind === 'scalar' ? String(converted.value) : 'a collection'
    this.#reporter.error('YAML_KEY', `write a string as key, got ${got}`, {
      span: this.#span(node),
      hint: `quote it: "${got}"`,
    })
    return undefined
  }

  #mergeSources(node: Node): Node[] {
    const sources = node.kind === 'list' ? [...node.items] : [node]
    for (const source of sources) {
      if (source.kind !== 'map')
        this.#reporter.error('YAML_MERGE', 'merge a mapping or a list of mappings with <<', { node: source })
    }
    return sources
  }

  #duplicate(key: string, span: Span, earlier: Entry): void {
    const first = earlier.key ? rangeOf(earlier.key).start.line : 0
    this.#reporter.error(
      'YAML_DUPLICATE_KEY',
      `remove one "${key}": it is defined in line ${first} already`,
      {
        span,
      },
    )
  }

  #alias(name: string, span: Span): Node {
    const anchor = this.#anchors.get(name)
    if (anchor === undefined || anchor === 'open') {
      const summary = anchor
        ? `remove the alias *${name}: it stands inside its own anchor`
        : `define the anchor &${name} before its alias`
      this.#reporter.error(anchor ? 'YAML_ALIAS_CYCLE' : 'YAML_UNKNOWN_ALIAS', summary, { span })
      return { kind: 'scalar', value: null, span }
    }
    this.#size += anchor.size
    this.#aliased += anchor.size
    if (this.#aliased > ALIAS_LIMIT) {
      this.#reporter.error(
        'YAML_ALIAS_BOMB',
        `use fewer aliases: they stand for more than ${ALIAS_LIMIT} values`,
      )
      return { kind: 'scalar', value: null, span }
    }
    return anchor.node
  }

  #span(node: ParsedNode): Span {
    const [start, end] = node.range
    return { source: this.#source, start, end }
  }
}

function mergeTagOf(tag: string | undefined): MergeTag | undefined {
  if (tag === '!reset') return 'reset'
  return tag === '!override' ? 'override' : undefined
}
