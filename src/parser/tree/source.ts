import type { Position, Range } from '../../diagnostics/index.ts'

/** A text by name that turns offsets into lines and columns. */
export class Source {
  readonly name: string
  readonly text: string
  #lineStarts: number[] | undefined

  constructor(name: string, text: string) {
    this.name = name
    this.text = text
  }

  /** Line and column, both from 1, of an offset. */
  position(offset: number): Position {
    const starts = this.#starts()
    let low = 0
    let high = starts.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if ((starts[middle] ?? 0) <= offset) low = middle
      else high = middle - 1
    }
    return { line: low + 1, column: offset - (starts[low] ?? 0) + 1 }
  }

  /** Computed at the first diagnostic only: most loads never need it. */
  #starts(): number[] {
    if (this.#lineStarts) return this.#lineStarts
    const starts = [0]
    for (let at = this.text.indexOf('\n'); at >= 0; at = this.text.indexOf('\n', at + 1)) starts.push(at + 1)
    this.#lineStarts = starts
    return starts
  }
}

/** A stretch of a source by offsets. */
export interface Span {
  readonly source: Source
  readonly start: number
  readonly end: number
}

/** The stretch as diagnostics want it. */
export function rangeOf(span: Span): Range {
  return {
    file: span.source.name,
    start: span.source.position(span.start),
    end: span.source.position(span.end),
  }
}
