import { styleText } from 'node:util'
import cliTruncate from 'cli-truncate'
import { seconds } from './lines.ts'
import type { Row } from './rows.ts'

/** How large a frame may be, and how it is drawn. */
export interface FrameLook {
  readonly columns: number
  /** Lines at most; absent: all of them. */
  readonly lines?: number
  readonly color: boolean
  /** What stands before a row on which something is done. */
  readonly spinner: string
}

/** Room for `1234.5s`. */
const TIME = 7
/** `Recreating`; longer words of a frame make its column wider. */
const WORD = 10
const SHORTEST_NAME = 12

const MARKS = {
  done: { mark: '✔', style: 'green' },
  warning: { mark: '!', style: 'yellow' },
  error: { mark: '✘', style: 'red' },
  working: { mark: ' ', style: 'cyan' },
  waiting: { mark: ' ', style: 'gray' },
} as const

/**
 * The lines of a running plan: how many of its resources are settled, and a row for each that was begun, every column where it was.
 * Names that do not fit are cut in their middle, since both ends tell them apart; where lines are few, settled rows give way first.
 */
export function renderFrame(rows: readonly Row[], now: number, look: FrameLook): string[] {
  const begun = rows.filter(({ state }) => state !== 'waiting')
  const settled = rows.filter(({ ended }) => ended !== undefined)
  const header = styled(look, 'bold', cut(`[+] Running ${settled.length}/${rows.length}`, look.columns - 1))
  const { shown, left } = fitting(begun, (look.lines ?? Number.POSITIVE_INFINITY) - 1)
  const layout = layoutOf(rows, look.columns)
  const lines = shown.flatMap(row => {
    const line = lineOf(row, now, layout, look)
    return showsDetail(row) ? [line, styled(look, 'gray', cut(`     ${row.detail}`, layout.line))] : [line]
  })
  return [
    header,
    ...lines,
    ...(left === '' ? [] : [styled(look, 'gray', cut(`   ${left}`, look.columns - 1))]),
  ]
}

interface Layout {
  readonly name: number
  readonly word: number
  /** Whether there is room for it beside a name that can be told from others. */
  readonly hasTime: boolean
  /** Columns of a line; one less than the terminal has, where the last one makes some begin a new line. */
  readonly line: number
}

/** Of all rows, also those that are not shown yet: nothing moves when they are. */
function layoutOf(rows: readonly Row[], columns: number): Layout {
  const word = Math.max(WORD, ...rows.map(({ text }) => text.length))
  const line = columns - 1
  const room = line - ' ✔ '.length - 2 - word
  const longest = Math.max(0, ...rows.map(({ name }) => name.length))
  const hasTime = room - 2 - TIME >= Math.min(longest, SHORTEST_NAME)
  return { name: Math.max(1, Math.min(longest, hasTime ? room - 2 - TIME : room)), word, hasTime, line }
}

/** The line of one settled row, for who prints it among the lines of others. */
export function renderRow(row: Row, rows: readonly Row[], look: FrameLook): string {
  return lineOf(row, row.ended ?? row.begun, layoutOf(rows, look.columns), look)
}

function lineOf(row: Row, now: number, layout: Layout, look: FrameLook): string {
  const { mark, style } = MARKS[row.state]
  const name = cliTruncate(row.name, layout.name, { position: 'middle' }).padEnd(layout.name)
  const time = layout.hasTime ? `  ${seconds((row.ended ?? now) - row.begun).padStart(TIME)}` : ''
  const shownMark = row.state === 'working' ? look.spinner : mark
  const line = ` ${shownMark} ${name}  ${row.text.padEnd(layout.word)}${time}`.trimEnd()
  const fitting = cut(line, layout.line)
  return styled(look, style, fitting.slice(0, 2)) + fitting.slice(2)
}

/** Rows of these many lines: the settled ones that came first are left out, then those that came last; and what is said of them. */
function fitting(
  rows: readonly Row[],
  lines: number,
): { readonly shown: readonly Row[]; readonly left: string } {
  const count = (some: readonly Row[]): number => some.reduce((sum, row) => sum + heightOf(row), 0)
  if (count(rows) <= lines) return { shown: rows, left: '' }
  const shown = [...rows]
  const settledFirst = [...rows.filter(isDone), ...rows.filter(row => !isDone(row)).reverse()]
  for (const row of settledFirst) {
    if (count(shown) < lines) break
    shown.splice(shown.indexOf(row), 1)
  }
  const gone = rows.filter(row => !shown.includes(row))
  const done = gone.filter(isDone).length
  const parts = [
    done > 0 ? `${done} done` : '',
    gone.length > done ? `${gone.length - done} more on their way` : '',
  ]
  return { shown, left: `… ${parts.filter(part => part !== '').join(', ')}` }
}

const isDone = ({ state }: Row): boolean => state === 'done'

/** What is told of a row stands below it while something is done, and stays where it tells what went wrong. */
const showsDetail = ({ detail, state }: Row): boolean =>
  detail !== undefined && detail !== '' && state !== 'done'

const heightOf = (row: Row): number => (showsDetail(row) ? 2 : 1)

const cut = (text: string, columns: number): string => cliTruncate(text, Math.max(1, columns))

function styled({ color }: FrameLook, style: Parameters<typeof styleText>[0], text: string): string {
  return color ? styleText(style, text, { validateStream: false }) : text
}
