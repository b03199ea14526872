/** What comes next on a connection: content alone, the line before a chunk of it (RFC 9112, 7.1), or the rest of a chunk and such a line. */
export interface NextBytes {
  readonly kind: 'bytes' | 'size' | 'chunk'
  /** Bytes of it; 0 of a line. */
  readonly left: number
}

/** What somebody else took from a connection: bytes of content, and what comes next now. */
export interface TakenContent {
  readonly count: number
  readonly next: NextBytes
}
