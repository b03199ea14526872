import stringWidth from 'string-width'

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

const HIDE_CURSOR = '\x1b[?25l'
const SHOW_CURSOR = '\x1b[?25h'
const ERASE_LINE = '\x1b[K'
const ERASE_BELOW = '\x1b[J'

/** Lines at the cursor that are drawn again and again. What is printed by others meanwhile breaks them. */
export class Drawing {
  readonly #screen: Screen
  #widths: readonly number[] = []

  constructor(screen: Screen) {
    this.#screen = screen
  }

  draw(lines: readonly string[]): void {
    const text = lines.map(line => `${line}${ERASE_LINE}\n`).join('')
    this.#screen.write(`${HIDE_CURSOR}${this.#back()}${text}${ERASE_BELOW}`)
    this.#widths = lines.map(line => stringWidth(line))
  }

  /** Leaves these lines for good: what is drawn next stands below them. */
  leave(lines: readonly string[]): void {
    this.draw(lines)
    this.#screen.write(SHOW_CURSOR)
    this.#widths = []
  }

  /**
   * To the first line's begin. Nothing is erased from there on: that would move the whole screen into the history of some terminals.
   * A terminal that has become narrower has broken long lines into several.
   */
  #back(): string {
    const { columns, rows } = this.#screen
    const height = this.#widths.reduce((sum, width) => sum + Math.max(1, Math.ceil(width / columns)), 0)
    const up = Math.min(height, rows - 1)
    return `\r${up > 0 ? `\x1b[${up}A` : ''}`
  }
}
