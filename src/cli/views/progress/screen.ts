/** A terminal, as far as lines are drawn over on it. */
export interface Screen {
  readonly columns: number
  readonly rows: number
  write(text: string): unknown
}

/** The terminal of a stream, or one of 80 columns where it has no size (`--progress tty` into a file). */
export function screenOf(stream: Pick<NodeJS.WriteStream, 'columns' | 'rows' | 'write'>): Screen {
  return {
    get columns() {
      return stream.columns || 80
    },
    get rows() {
      return stream.rows || 24
    },
    write: text => stream.write(text),
  }
}
