import { isAlias, isMap, isScalar, isSeq, type ParsedNode, parseAllDocuments, type YAMLMap } from 'yaml'
import type { Source, Span } from '../tree/source.ts'
import { encloses } from './context.ts'

/** One `*name`, and the anchored text that it stands for. */
export interface AliasUse {
  readonly name: string
  readonly at: Span
  readonly target: Span
  /** The map into which `<<` spreads it; absent where it is a value of its own. */
  readonly into?: Span
}

const OPTIONS = {
  schema: 'failsafe',
  resolveKnownTags: false,
  uniqueKeys: false,
  merge: false,
  logLevel: 'silent',
} as const

/**
 * All aliases of a file. The loader's tree has them resolved and shares what they stand for, so the text is read once
 * more for the one who asks.
 */
export function aliasesOf(source: Source): AliasUse[] {
  const uses: AliasUse[] = []
  if (!source.text.includes('*')) return uses
  for (const document of parseAllDocuments<ParsedNode>(source.text, OPTIONS))
    if (document.contents) new Collector(source, uses).visit(document.contents)
  return uses
}

class Collector {
  readonly #source: Source
  readonly #uses: AliasUse[]
  readonly #anchors = new Map<string, Span>()

  constructor(source: Source, uses: AliasUse[]) {
    this.#source = source
    this.#uses = uses
  }

  visit(node: ParsedNode, into?: Span): void {
    if (isAlias(node)) {
      const target = this.#anchors.get(node.source)
      if (target) this.#uses.push({ name: node.source, at: this.#span(node), target, ...(into && { into }) })
      return
    }
    if (isSeq(node)) for (const item of node.items) this.visit(item as ParsedNode, into)
    else if (isMap(node)) this.#map(node)
    // Set after what is below: an anchor cannot be used inside itself.
    if (node.anchor !== undefined) this.#anchors.set(node.anchor, this.#span(node))
  }

  #map(node: YAMLMap): void {
    for (const { key, value } of node.items) {
      if (value === null) continue
      const merges = isScalar(key) && key.value === '<<' && key.type === 'PLAIN'
      this.visit(value as ParsedNode, merges ? this.#span(node as ParsedNode) : undefined)
    }
  }

  #span({ range }: ParsedNode): Span {
    return { source: this.#source, start: range[0], end: range[1] }
  }
}

/** The alias that stands as value after a key, or among the items of a list. */
export function aliasAt(
  uses: readonly AliasUse[],
  after: number,
  within: Span,
  target: Span,
): AliasUse | undefined {
  return uses.find(
    use => use.at.start >= after && encloses(within, use.at) && encloses(use.target, target) && !use.into,
  )
}

/** The `<<` that brought a key into a map: several where what is spread has it by `<<` itself. */
export function mergesInto(uses: readonly AliasUse[], map: Span, key: Span): AliasUse[] {
  for (const use of uses) {
    if (use.into?.start !== map.start || use.into.end !== map.end) continue
    if (encloses(use.target, key)) return [use]
    const further = mergesInto(uses, use.target, key)
    if (further.length > 0) return [use, ...further]
  }
  return []
}
