import { isNull, type ListNode, type MapNode, type Node } from '../../tree/node.ts'
import type { Source, Span } from '../../tree/source.ts'
import { Anchors } from '../anchors.ts'
import { MapEntries } from '../map-entries.ts'
import {
  AMPERSAND,
  ASTERISK,
  CLOSE_BRACE,
  CLOSE_BRACKET,
  COLON,
  COMMA,
  isBlank,
  OPEN_BRACE,
  OPEN_BRACKET,
} from './codes.ts'
import { OutsideSubset, outside, type ScannedScalar, Scanner } from './scanner.ts'

/** Levels from here on are outside: how many there may be is the library's to say. */
const DEPTH = 100

/** YAML 1.2.2, 7.4.2: a colon farther behind the start of its key is no indicator. */
const KEY_LENGTH = 1024

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

/** Recursive descent, a method a production; block nodes leave the place at the content of the next line. */
class Reader extends Scanner {
  readonly #anchors = new Anchors()
  #depth = 0

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
    const scalar = this.#scalar(false)
    if (this.code() === COLON) return this.#map(column, scalar)
    this.nextLine()
    return scalar
  }

  #list(column: number): ListNode {
    const start = this.at
    const items: Node[] = []
    this.#enter()
    do items.push(this.#item(column))
    while (this.#goesOn(column) && this.atDash())
    this.#depth -= 1
    return { kind: 'list', items, span: this.#spanFrom(start) }
  }

  #item(column: number): Node {
    const dash = this.at
    this.at += 1
    this.skipSpaces()
    if (!this.atLineEnd()) return this.#block(column + this.at - dash)
    this.nextLine()
    return this.column > column ? this.#block(this.column) : outside()
  }

  #map(column: number, first: ScannedScalar): MapNode {
    const entries = new MapEntries()
    this.#enter()
    let key = first
    for (;;) {
      this.#pastColon(key)
      this.#add(entries, key, this.#value(column))
      if (!this.#goesOn(column)) break
      key = this.#scalar(false)
    }
    this.#depth -= 1
    return { kind: 'map', entries: entries.finish(), span: this.#spanFrom(first.span.start) }
  }

  /** What stands behind a key's colon, in its line or below, after an anchor perhaps. */
  #value(column: number): Node {
    if (this.code() !== AMPERSAND) return this.#bareValue(column)
    const name = this.name()
    this.#anchors.open(name)
    const node = this.#bareValue(column)
    if (isNull(node)) outside()
    this.#anchors.close(name, node)
    return node
  }

  #bareValue(column: number): Node {
    if (!this.atLineEnd()) return this.#inline()
    const { at } = this
    this.nextLine()
    if (this.column > column) return this.#block(this.column)
    if (this.column === column && this.atDash()) return this.#list(column)
    this.#anchors.count()
    return this.made(null, at, at)
  }

  /** A node in the rest of the line. */
  #inline(): Node {
    const node = this.#flow(false)
    this.nextLine()
    return node
  }

  /** A node without line breaks; `inFlow`: inside of brackets. */
  #flow(inFlow: boolean): Node {
    const code = this.code()
    if (code === OPEN_BRACKET) return this.#flowList()
    if (code === OPEN_BRACE) return this.#flowMap()
    return code === ASTERISK ? this.#alias() : this.#scalar(inFlow)
  }

  #flowList(): ListNode {
    const start = this.at
    const items: Node[] = []
    this.#open()
    while (this.code() !== CLOSE_BRACKET) {
      items.push(this.#flow(true))
      this.#pastComma(CLOSE_BRACKET)
    }
    this.#close()
    return { kind: 'list', items, span: this.#spanFrom(start) }
  }

  #flowMap(): MapNode {
    const start = this.at
    const entries = new MapEntries()
    this.#open()
    while (this.code() !== CLOSE_BRACE) {
      const key = this.#scalar(true)
      this.#pastColon(key)
      this.#add(entries, key, this.#flow(true))
      this.#pastComma(CLOSE_BRACE)
    }
    this.#close()
    return { kind: 'map', entries: entries.finish(), span: this.#spanFrom(start) }
  }

  #alias(): Node {
    const found = this.#anchors.resolve(this.name())
    return typeof found === 'string' ? outside() : found
  }

  #scalar(inFlow: boolean): ScannedScalar {
    this.#anchors.count()
    return this.scalar(inFlow)
  }

  #add(entries: MapEntries, key: ScannedScalar, node: Node): void {
    const { value, span } = key
    if (typeof value !== 'string') outside()
    // Quoted, it is a key like any other.
    if (value === '<<' && span.end - span.start === 2) {
      if (entries.mergeKey || entries.merge(span, node).length > 0) outside()
    } else if (entries.add(value, span, node)) outside()
  }

  #pastColon(key: ScannedScalar): void {
    if (this.code() !== COLON || !isBlank(this.code(1))) outside()
    if (this.at - key.span.start > KEY_LENGTH) outside()
    this.at += 1
    this.skipSpaces()
  }

  #pastComma(close: number): void {
    this.skipSpaces()
    if (this.code() === close) return
    if (this.code() !== COMMA) outside()
    this.at += 1
    this.skipSpaces()
  }

  /** True where the next line goes on with the collection at this column; deeper, it is outside. */
  #goesOn(column: number): boolean {
    if (this.column > column) outside()
    return this.column === column
  }

  /** Past an opening bracket. */
  #open(): void {
    this.#enter()
    this.at += 1
    this.skipSpaces()
  }

  /** Past a closing bracket. */
  #close(): void {
    this.#depth -= 1
    this.at += 1
    this.end = this.at
  }

  #enter(): void {
    this.#anchors.count()
    this.#depth += 1
    if (this.#depth > DEPTH) outside()
  }

  #spanFrom(start: number): Span {
    return { source: this.source, start, end: this.end }
  }
}
