import { Drawing } from '../progress/drawing.ts'
import type { Screen } from '../progress/screen.ts'
import type { ProgressView } from '../progress/view.ts'
import { BuildBoard } from './build-board.ts'

/** Between two drawings. */
const PERIOD_MS = 100

/** Builds on a terminal: each step with its time, CACHED or run, and the last lines of those that run. */
export function buildTerminal(screen: Screen): ProgressView {
  const board = new BuildBoard(Date.now())
  const drawing = new Drawing(screen)
  const lines = (height: number): readonly string[] =>
    board.lines(Date.now(), { width: Math.max(20, screen.columns), height })
  const timer = setInterval(() => drawing.draw(lines(screen.rows - 1)), PERIOD_MS)
  let ended = false
  const finish = async (): Promise<void> => {
    if (ended) return
    ended = true
    clearInterval(timer)
    board.end()
    drawing.leave(lines(Number.POSITIVE_INFINITY))
  }
  return { onEvent: event => board.hear(event, Date.now()), giveWay: finish, finish }
}
