import type { OriginStep, Path } from '../../model/index.ts'
import type { Entry, ListNode, MapNode, Node } from '../tree/node.ts'
import { rangeOf, type Source, type Span } from '../tree/source.ts'
import { type AliasUse, aliasAt, aliasesOf, mergesInto } from './aliases.ts'
import { encloses, type OriginContext } from './context.ts'

/** Finds the aliases by which a value came from an anchored text to its place in the file. */
export class AliasWays {
  readonly #context: OriginContext
  readonly #uses = new Map<Source, readonly AliasUse[]>()

  constructor(context: OriginContext) {
    this.#context = context
  }

  /** The aliases between a path of a document and the text at `span`; none where it is written in its place. */
  to(path: Path, span: Span): OriginStep[] {
    const documents = this.#context.documentsOf(span.source)
    if (documents.length === 0) return []
    const uses = this.#usesOf(span.source)
    if (!uses.some(({ target }) => encloses(target, span))) return []
    for (const document of documents) {
      const found = new Descent(uses, span).down(document, path)
      if (found) return found.map(stepOf)
    }
    return []
  }

  #usesOf(source: Source): readonly AliasUse[] {
    const known = this.#uses.get(source) ?? aliasesOf(source)
    this.#uses.set(source, known)
    return known
  }
}

function stepOf({ name, at, into }: AliasUse): OriginStep {
  return { kind: 'alias', name, merge: into !== undefined, range: rangeOf(at) }
}

/** Follows a path down a document as it is written; what lies outside of its parent's text came by an alias. */
class Descent {
  readonly #uses: readonly AliasUse[]
  readonly #goal: Span

  constructor(uses: readonly AliasUse[], goal: Span) {
    this.#uses = uses
    this.#goal = goal
  }

  /** The aliases on the way; undefined where the way does not lead to the goal. */
  down(node: Node, path: Path): AliasUse[] | undefined {
    const [segment, ...rest] = path
    if (node.kind === 'map' && segment !== undefined) {
      const entry = node.entries.get(String(segment))
      if (entry === undefined) return undefined
      const below = this.down(entry.node, rest)
      return below && [...this.#intoEntry(node, entry), ...below]
    }
    if (node.kind === 'list') return this.#items(node, rest) ?? this.#arrived(node)
    return this.#arrived(node)
  }

  #arrived(node: Node): AliasUse[] | undefined {
    return encloses(node.span, this.#goal) ? [] : undefined
  }

  /** Indices change when lists are merged, so all items are tried. */
  #items(node: ListNode, rest: Path): AliasUse[] | undefined {
    for (const item of node.items) {
      const below = this.down(item, item.kind === 'map' ? rest : []) ?? this.#arrived(item)
      if (below === undefined) continue
      const alias =
        node.span && item.span && !encloses(node.span, item.span)
          ? aliasAt(this.#uses, node.span.start, node.span, item.span)
          : undefined
      return alias ? [alias, ...below] : below
    }
    return undefined
  }

  #intoEntry(parent: MapNode, { key, node }: Entry): AliasUse[] {
    if (parent.span === undefined || key === undefined || node.span === undefined) return []
    const merged = mergesInto(this.#uses, parent.span, key)
    // A merged key's own value may be an alias where it is written.
    const around = merged.at(-1)?.target ?? parent.span
    const isPlain = encloses(around, node.span) && node.span.start >= key.end
    const alias = isPlain ? undefined : aliasAt(this.#uses, key.end, around, node.span)
    return alias ? [...merged, alias] : merged
  }
}
