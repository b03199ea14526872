import type { ScalarValue } from '../../../notation/yaml/scalar.ts'
import type { ListNode, MapNode, Node } from '../../tree/node.ts'
import type { Span } from '../../tree/source.ts'
import { Anchors } from '../anchors.ts'
import { MapEntries } from '../map-entries.ts'
import {
  ASTERISK,
  CLOSE_BRACE,
  CLOSE_BRACKET,
  COLON,
  COMMA,
  isBlank,
  OPEN_BRACE,
  OPEN_BRACKET,
} from './codes.ts'
import { outside, type ScannedScalar, Scanner } from './scanner.ts'

/** Levels from here on are outside: how many there may be is the library's to say. */
const DEPTH = 100

/** YAML 1.2.2, 7.4.2: a colon farther behind the start of its key is no indicator. */
const KEY_LENGTH = 1024

/** What stands in one line, and what all collections have in common. */
export class FlowReader extends Scanner {
  protected readonly anchors: Anchors = new Anchors()
  #depth = 0

  /** A node without line breaks; `inFlow`: inside of brackets. */
  protected flow(inFlow: boolean): Node {
    const code = this.code()
    if (code === OPEN_BRACKET) return this.#flowList()
    if (code === OPEN_BRACE) return this.#flowMap()
    return code === ASTERISK ? this.#alias() : this.scalar(inFlow)
  }

  #flowList(): ListNode {
    const start = this.at
    const items: Node[] = []
    this.#open()
    while (this.code() !== CLOSE_BRACKET) {
      items.push(this.flow(true))
      this.#pastComma(CLOSE_BRACKET)
    }
    this.#close()
    return { kind: 'list', items, span: this.spanFrom(start) }
  }

  #flowMap(): MapNode {
    const start = this.at
    const entries = new MapEntries()
    this.#open()
    while (this.code() !== CLOSE_BRACE) {
      const key = this.scalar(true)
      this.pastColon(key)
      this.add(entries, key, this.flow(true))
      this.#pastComma(CLOSE_BRACE)
    }
    this.#close()
    return { kind: 'map', entries: entries.finish(), span: this.spanFrom(start) }
  }

  #alias(): Node {
    const found = this.anchors.resolve(this.name())
    return typeof found === 'string' ? outside() : found
  }

  /** Every scalar is made once, keys and empty values among them. */
  protected override made(value: ScalarValue, start: number, end: number): ScannedScalar {
    this.anchors.count()
    return super.made(value, start, end)
  }

  /** Takes an entry of a map; a plain `<<` merges. */
  protected add(entries: MapEntries, key: ScannedScalar, node: Node): void {
    const { value, span } = key
    if (typeof value !== 'string') outside()
    // Quoted, it is a key like any other.
    if (value === '<<' && span.end - span.start === 2) {
      if (entries.mergeKey || entries.merge(span, node).length > 0) outside()
    } else if (entries.add(value, span, node)) outside()
  }

  /** Past the colon behind a key, to its value or the end of the line. */
  protected pastColon(key: ScannedScalar): void {
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

  /** Past an opening bracket. */
  #open(): void {
    this.enter()
    this.at += 1
    this.skipSpaces()
  }

  /** Past a closing bracket. */
  #close(): void {
    this.leave()
    this.at += 1
    this.end = this.at
  }

  /** A collection begins. */
  protected enter(): void {
    this.anchors.count()
    this.#depth += 1
    if (this.#depth > DEPTH) outside()
  }

  /** A collection is complete. */
  protected leave(): void {
    this.#depth -= 1
  }

  /** From this place to the end of the last token. */
  protected spanFrom(start: number): Span {
    return { source: this.source, start, end: this.end }
  }
}
