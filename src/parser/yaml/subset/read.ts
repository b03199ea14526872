import { isNull, type ListNode, type MapNode, type Node } from '../../tree/node.ts'
import type { Source } from '../../tree/source.ts'
import { MapEntries } from '../map-entries.ts'
import { AMPERSAND, ASTERISK, COLON, isBlockIndicator, OPEN_BRACE, OPEN_BRACKET } from './codes.ts'
import { FlowReader } from './flow.ts'
import { OutsideSubset, outside, type ScannedScalar } from './scanner.ts'

/**
 * The tree of a text in the subset of YAML that README.md describes, equal to what the YAML library makes of it;
 * undefined for any other text, wrong ones among them.
 */
export function readSubset(source: Source): Node | undefined {
  try {
    return new Reader(source).document()
  } catch (error) {
    if (error instanceof OutsideSubset) return undefined
    throw error
  }
}

/** Recursive descent, a method a production; nodes leave the place at the content of the next line. */
class Reader extends FlowReader {
  document(): Node {
    if (this.atLineEnd()) this.nextLine()
    const node = this.column === 0 ? this.#block(0) : outside()
    return this.column < 0 && node.kind !== 'scalar' ? node : outside()
  }

  /** A node that begins at this column, first in its line or behind a dash. */
  #block(column: number): Node {
    if (this.atDash()) return this.#list(column)
    const code = this.code()
    if (code === OPEN_BRACKET || code === OPEN_BRACE || code === ASTERISK) return this.#inline()
    const scalar = this.scalar(false)
    if (this.code() === COLON) return this.#map(column, scalar)
    this.nextLine()
    return scalar
  }

  #list(column: number): ListNode {
    const start = this.at
    const items: Node[] = []
    this.enter()
    do items.push(this.#item(column))
    while (this.#goesOn(column) && this.atDash())
    this.leave()
    return { kind: 'list', items, span: this.spanFrom(start) }
  }

  #item(column: number): Node {
    const dash = this.at
    this.at += 1
    this.skipSpaces()
    if (isBlockIndicator(this.code())) return this.blockScalar(column)
    if (!this.atLineEnd()) return this.#block(column + this.at - dash)
    this.nextLine()
    return this.column > column ? this.#block(this.column) : outside()
  }

  #map(column: number, first: ScannedScalar): MapNode {
    const entries = new MapEntries()
    this.enter()
    let key = first
    for (;;) {
      this.pastColon(key)
      this.add(entries, key, this.#value(column))
      if (!this.#goesOn(column)) break
      key = this.scalar(false)
    }
    this.leave()
    return { kind: 'map', entries: entries.finish(), span: this.spanFrom(first.span.start) }
  }

  /** What stands behind a key's colon, in its line or below, after an anchor perhaps. */
  #value(column: number): Node {
    if (this.code() !== AMPERSAND) return this.#bareValue(column)
    const name = this.name()
    this.anchors.open(name)
    const node = this.#bareValue(column)
    if (isNull(node)) outside()
    this.anchors.close(name, node)
    return node
  }

  #bareValue(column: number): Node {
    if (isBlockIndicator(this.code())) return this.blockScalar(column)
    if (!this.atLineEnd()) return this.#inline()
    const { at } = this
    this.nextLine()
    if (this.column > column) return this.#block(this.column)
    if (this.column === column && this.atDash()) return this.#list(column)
    return this.made(null, at, at)
  }

  /** A node in the rest of the line. */
  #inline(): Node {
    const node = this.flow(false)
    this.nextLine()
    return node
  }

  /** True where the next line goes on with the collection at this column; deeper, it is outside. */
  #goesOn(column: number): boolean {
    if (this.column > column) outside()
    return this.column === column
  }
}
