import { BLOCK } from './entry.ts'
import { malformed } from './failure.ts'
import { checkSize, numberIn } from './header.ts'
import type { Records } from './pax.ts'

/** A part of a sparse file that is no hole. */
interface Piece {
  readonly offset: number
  readonly length: number
}

/** Numbers of GNU's header for sparse files (tar.h of GNU tar): pieces in the header, in each block behind it, and of how many bytes. */
const IN_HEADER = { at: 386, count: 4, isMoreAt: 482, sizeAt: 483 }
const IN_BLOCK = { at: 0, count: 21, isMoreAt: 504 }
const NUMBER = 12
/** Bound of a file's map: more pieces are an attack. */
const MOST_PIECES = 1_000_000
const ZEROS = Buffer.alloc(64 * 1024)

/** How a sparse file is stored. */
export interface SparseLayout {
  /** Bytes of the file, holes included. */
  readonly size: number
  readonly name?: string
  /** Absent: it stands before the data. */
  readonly pieces?: readonly Piece[]
}

/**
 * The layout that a header of GNU's old form has, and how many blocks it takes; undefined while there are too few bytes.
 */
export function layoutOfHeader(
  bytes: Buffer,
): { readonly layout: SparseLayout; readonly used: number } | undefined {
  const pieces: Piece[] = []
  let used = BLOCK
  let place: typeof IN_BLOCK = IN_HEADER
  let block = bytes
  for (;;) {
    for (let index = 0; index < place.count; index += 1) {
      const at = place.at + index * 2 * NUMBER
      if (block[at] === 0) break
      pieces.push({ offset: numberIn(block, at, NUMBER), length: numberIn(block, at + NUMBER, NUMBER) })
    }
    if (pieces.length > MOST_PIECES) throw malformed('a sparse file of too many pieces')
    if (!block[place.isMoreAt]) break
    block = bytes.subarray(used)
    if (block.length < BLOCK) return undefined
    place = IN_BLOCK
    used += BLOCK
  }
  return { layout: { size: checkSize(numberIn(bytes, IN_HEADER.sizeAt, NUMBER)), pieces }, used }
}

/** The layout that PAX records of GNU's forms 0.0, 0.1 and 1.0 have; undefined for a file that is not sparse. */
export function layoutOfRecords(records: Records): SparseLayout | undefined {
  const of = (key: string): string | undefined => records.get(`GNU.sparse.${key}`)
  const size = of('realsize') ?? of('size')
  if (size === undefined) return undefined
  const name = of('name')
  const layout = { size: checkSize(decimal(size)), ...(name === undefined ? {} : { name }) }
  if (of('major') === '1') return layout
  return { ...layout, pieces: paired((of('map') ?? '').split(',').filter(text => text !== '')) }
}

function paired(texts: readonly string[]): readonly Piece[] {
  if (texts.length % 2 !== 0 || texts.length > 2 * MOST_PIECES) throw malformed('the map of a sparse file')
  return Array.from({ length: texts.length / 2 }, (_, at) => ({
    offset: decimal(texts[2 * at] ?? ''),
    length: decimal(texts[2 * at + 1] ?? ''),
  }))
}

function decimal(text: string): number {
  if (/^\d{1,16}$/.test(text)) return Number(text)
  throw malformed('the map of a sparse file has a number that is none')
}

/** Makes the content of a sparse file of what an archive stores of it. */
export class SparseContent {
  readonly #size: number
  #pieces: readonly Piece[] | undefined
  /** Stored bytes still to come. */
  #left: number
  #map = ''
  #next = 0
  #at = 0

  constructor({ size, pieces }: SparseLayout, stored: number) {
    this.#size = size
    this.#left = stored
    if (pieces !== undefined) this.#setPieces(pieces)
  }

  get isWhole(): boolean {
    return this.#left === 0 && this.#pieces !== undefined && this.#at === this.#size
  }

  /** The next zeros, where a hole is; none where stored bytes are wanted. */
  hole(): Buffer {
    if (this.#pieces === undefined) return ZEROS.subarray(0, 0)
    const until = this.#pieces[this.#next]?.offset ?? this.#size
    const zeros = ZEROS.subarray(0, Math.max(0, Math.min(ZEROS.length, until - this.#at)))
    this.#at += zeros.length
    return zeros
  }

  /** Takes of what is stored; how many bytes, and which of them are content. */
  take(stored: Buffer): { readonly used: number; readonly content: Buffer } {
    if (this.#pieces === undefined) return this.#takeMap(stored)
    const piece = this.#pieces[this.#next]
    if (piece === undefined) throw malformed('a sparse file has more data than its map says')
    const content = stored.subarray(0, piece.offset + piece.length - this.#at)
    this.#at += content.length
    this.#left -= content.length
    if (this.#at === piece.offset + piece.length) this.#next += 1
    return { used: content.length, content }
  }

  /** Lines of decimals, filled up to a whole block: how many pieces, then offset and length of each. */
  #takeMap(stored: Buffer): { readonly used: number; readonly content: Buffer } {
    if (stored.length < BLOCK) return { used: 0, content: stored.subarray(0, 0) }
    this.#map += stored.toString('latin1', 0, BLOCK)
    this.#left -= BLOCK
    const lines = this.#map.split('\n')
    const count = lines.length > 1 ? decimal(lines[0] ?? '') : MOST_PIECES
    if (this.#map.length > BLOCK && count > MOST_PIECES) throw malformed('a sparse file of too many pieces')
    if (lines.length > 1 + 2 * count) this.#setPieces(paired(lines.slice(1, 1 + 2 * count)))
    return { used: BLOCK, content: stored.subarray(0, 0) }
  }

  #setPieces(pieces: readonly Piece[]): void {
    let end = 0
    let total = 0
    for (const { offset, length } of pieces) {
      if (offset < end || offset + length > this.#size) throw malformed('the map of a sparse file')
      end = offset + length
      total += length
    }
    if (total !== this.#left) throw malformed('a sparse file has other data than its map says')
    this.#pieces = pieces.filter(({ length }) => length > 0)
  }
}
