import { isAlias, isMap, isScalar, isSeq, type ParsedNode, type Scalar, type YAMLMap } from 'yaml'
import { isFloatForm, resolveNumber, resolvePlain, type ScalarValue } from '../../notation/yaml/scalar.ts'
import type { Reporter } from '../reporter.ts'
import type { Entry, MergeTag, Node } from '../tree/node.ts'
import { rangeOf, type Source, type Span } from '../tree/source.ts'
import { ALIAS_LIMIT, Anchors } from './anchors.ts'
import { MapEntries } from './map-entries.ts'

/** Turns the nodes of the YAML library into ours: scalars by go-yaml's rules, aliases and `<<` resolved. */
export class Converter {
  readonly #source: Source
  readonly #reporter: Reporter
  readonly #anchors = new Anchors()
  /** Of the last token that was converted: a block collection ends with its last value, not with the comments behind it. */
  #end = 0

  constructor(source: Source, reporter: Reporter) {
    this.#source = source
    this.#reporter = reporter
  }

  /** Converts one node and all below it. */
  convert(node: ParsedNode): Node {
    if (isAlias(node)) return this.#alias(node.source, this.#span(node))
    const { anchor } = node
    if (anchor !== undefined) this.#anchors.open(anchor)
    const converted = this.#value(node)
    if (anchor !== undefined) this.#anchors.close(anchor, converted)
    return converted
  }

  #value(node: ParsedNode): Node {
    this.#anchors.count()
    if (isSeq(node)) {
      const items = node.items.map(item => this.convert(item as ParsedNode))
      return { kind: 'list', items, ...this.#place(node) }
    }
    if (isMap(node)) return { kind: 'map', entries: this.#entries(node), ...this.#place(node) }
    const place = this.#place(node)
    if (!isScalar(node)) return { kind: 'scalar', value: null, ...place }
    const value = this.#scalar(node, place.span)
    const isFloat = typeof value === 'number' && isFloatForm(node.source ?? '')
    return { kind: 'scalar', value, ...(isFloat ? { float: true } : {}), ...place }
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
      case 'tag:yaml.org,2002:binary':
        return Buffer.from(text, 'base64').toString('utf8')
      default:
        return node.type === 'PLAIN' && !node.tag.startsWith('tag:yaml.org') ? resolvePlain(text) : text
    }
  }

  #entries(node: YAMLMap): ReadonlyMap<string, Entry> {
    const entries = new MapEntries()
    for (const pair of node.items) {
      const keyNode = pair.key as ParsedNode
      const key = this.#key(keyNode)
      if (key === undefined) continue
      const keySpan = this.#span(keyNode)
      const value: Node = pair.value
        ? this.convert(pair.value as ParsedNode)
        : { kind: 'scalar', value: null, span: { ...keySpan, start: keySpan.end } }
      if (key === '<<' && isScalar(keyNode) && keyNode.type === 'PLAIN') this.#merge(entries, keySpan, value)
      else {
        const earlier = entries.add(key, keySpan, value)
        if (earlier) this.#duplicate(key, keySpan, earlier)
      }
    }
    return entries.finish()
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

  #merge(entries: MapEntries, key: Span, value: Node): void {
    const earlier = entries.mergeKey
    if (earlier) this.#duplicate('<<', key, { key: earlier, node: value })
    for (const node of entries.merge(key, value))
      this.#reporter.error('YAML_MERGE', 'merge a mapping or a list of mappings with <<', { node })
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
    const found = this.#anchors.resolve(name)
    switch (found) {
      case 'unknown':
        this.#reporter.error('YAML_UNKNOWN_ALIAS', `define the anchor &${name} before its alias`, { span })
        break
      case 'cycle':
        this.#reporter.error(
          'YAML_ALIAS_CYCLE',
          `remove the alias *${name}: it stands inside its own anchor`,
          { span },
        )
        break
      case 'bomb':
        this.#reporter.error(
          'YAML_ALIAS_BOMB',
          `use fewer aliases: they stand for more than ${ALIAS_LIMIT} values`,
        )
        break
      default:
        return found
    }
    return { kind: 'scalar', value: null, span }
  }

  #place(node: ParsedNode): { readonly span: Span; readonly tag?: MergeTag } {
    const span = this.#span(node)
    const tag = mergeTagOf(node.tag)
    return tag === undefined ? { span } : { span, tag }
  }

  /** The place of a node, of a block collection after its values are converted. */
  #span(node: ParsedNode): Span {
    const [start, end] = node.range
    const isBlock = (isMap(node) || isSeq(node)) && !node.flow
    if (!isBlock) this.#end = end
    return { source: this.#source, start, end: this.#end }
  }
}

function mergeTagOf(tag: string | undefined): MergeTag | undefined {
  if (tag === '!reset') return 'reset'
  return tag === '!override' ? 'override' : undefined
}
