import { expect, test } from 'vitest'
import type { ProgressEvent } from '../../../project/run-plan.ts'
import { BuildBoard } from './build-board.ts'

const event = (more: Partial<ProgressEvent>): ProgressEvent => ({
  operation: 'image:app:build',
  resource: 'Image app',
  kind: 'Image',
  name: 'app',
  status: 'working',
  text: 'Building',
  ...more,
})
const at = (milliseconds: number): string => new Date(milliseconds).toISOString()
const base64 = (text: string): string => Buffer.from(text).toString('base64')

type Vertex = NonNullable<NonNullable<ProgressEvent['trace']>['vertexes']>[number]
const step = (name: string, more: Partial<Vertex> = {}): ProgressEvent =>
  event({ trace: { vertexes: [{ digest: name, inputs: [], name, started: at(0), ...more }] } })
const said = (vertex: string, text: string): ProgressEvent =>
  event({ trace: { logs: [{ vertex, stream: 1, data: base64(text), timestamp: at(0) }] } })
const lines = (board: BuildBoard, now: number, height = 100): readonly string[] =>
  board.lines(now, { width: 30, height })

test('steps stand in their order with their times, those that run with their last lines', () => {
  const board = new BuildBoard(0)
  board.hear(event({}), 0)
  board.hear(step('[app 1/3] FROM x', { completed: at(100) }), 0)
  board.hear(step('[app 2/3] COPY', { completed: at(0), cached: true }), 0)
  board.hear(step('[app 3/3] RUN make'), 0)
  for (let line = 1; line <= 9; line += 1) board.hear(said('[app 3/3] RUN make', `line ${line}\n`), 0)
  board.hear(said('[app 3/3] RUN make', '10%\r20%\r\x1b[31m30%'), 0)
  expect(lines(board, 1500)).toEqual([
    '[+] Building 1.5s (2/3)',
    ' => [app 1/3] FROM x      0.1s',
    ' => CACHED [app 2/3] COPY 0.0s',
    ' => [app 3/3] RUN make    1.5s',
    ' => => # line 5',
    ' => => # line 6',
    ' => => # line 7',
    ' => => # line 8',
    ' => => # line 9',
    ' => => # 30%',
  ])
  board.hear(step('[app 3/3] RUN make', { completed: at(2000), error: 'exit code: 1' }), 0)
  board.end()
  expect(lines(board, 3000)).toEqual(
    [
      '[+] Building 3.0s (3/3) FINISHE',
      ' => [app 1/3] FROM x      0.1s',
      ' => CACHED [app 2/3] COPY 0.0s',
      ' => ERROR [app 3/3] RUN m 2.0s',
    ].map(line => line.slice(0, 30)),
  )
})

test('where the window is too low, steps that have ended make room', () => {
  const board = new BuildBoard(0)
  for (let index = 0; index < 20; index += 1) board.hear(step(`step ${index}`, { completed: at(1) }), 0)
  board.hear(step('runs'), 0)
  const shown = lines(board, 0, 5)
  expect(shown).toHaveLength(5)
  expect(shown.at(-1)).toMatch(/^ => runs/)
  expect(shown[1]).toMatch(/step 17/)
})

test('a build of which only lines are told is one step', () => {
  const board = new BuildBoard(0)
  board.hear(event({}), 0)
  board.hear(event({ detail: '[1/2] FROM x' }), 0)
  expect(lines(board, 0)).toEqual([
    '[+] Building 0.0s (0/1)',
    ' => Image app             0.0s',
    ' => => # [1/2] FROM x',
  ])
  board.hear(event({ status: 'done', text: 'Built' }), 700)
  expect(lines(board, 900)).toEqual(['[+] Building 0.9s (1/1)', ' => Image app             0.7s'])
})
