import stringWidth from 'string-width'
import type { Screen } from './screen.ts'

const HIDE_CURSOR = '\x1b[?25l'
const SHOW_CURSOR = '\x1b[?25h'
/** Line by line: to erase all below at once moves the whole screen into the history of some terminals. */
const ERASE_LINE = '\x1b[K'

/** Lines at the cursor that are drawn again and again. What is printed by others meanwhile breaks them. */
export class Drawing {
  readonly #screen: Screen
  #widths: readonly number[] = []

  constructor(screen: Screen) {
    this.#screen = screen
  }

  draw(lines: readonly string[]): void {
    const height = this.#height()
    const less = Math.max(0, height - lines.length)
    const text = [...lines, ...Array.from({ length: less }, () => '')].map(line => `${line}${ERASE_LINE}\n`)
    this.#screen.write(`${HIDE_CURSOR}\r${up(height)}${text.join('')}${up(less)}`)
    this.#widths = lines.map(line => stringWidth(line))
  }

  /** Leaves these lines for good: what is drawn next stands below them. */
  leave(lines: readonly string[]): void {
    this.draw(lines)
    this.#screen.write(SHOW_CURSOR)
    this.#widths = []
  }

  /** Lines of the screen that were drawn over: a terminal that has become narrower has broken long ones into several. */
  #height(): number {
    const { columns, rows } = this.#screen
    const height = this.#widths.reduce((sum, width) => sum + Math.max(1, Math.ceil(width / columns)), 0)
    return Math.min(height, rows - 1)
  }
}

function up(lines: number): string {
  return lines > 0 ? `\x1b[${lines}A` : ''
}
