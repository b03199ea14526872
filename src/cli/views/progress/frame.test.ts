import { expect, test } from 'vitest'
import { type FrameLook, renderFrame } from './frame.ts'
import type { Row } from './rows.ts'

const LOOK: FrameLook = { columns: 60, color: false, spinner: '*' }
const NETWORK: Row = { name: 'Network shop_default', state: 'done', text: 'Created', begun: 0, ended: 300 }
const working = (name: string, detail?: string): Row => ({
  name: `Container ${name}`,
  state: 'working',
  text: 'Creating',
  begun: 1000,
  ...(detail === undefined ? {} : { detail }),
})
const done = (name: string): Row => ({ ...working(name), state: 'done', text: 'Started', ended: 12_500 })
const waiting: Row = { name: 'Container shop-later-1', state: 'waiting', text: '', begun: 0 }

test('a count, a row for each resource that was begun, and what is told of one below it while it lasts', () => {
  expect(renderFrame([NETWORK, working('shop-web-1', 'step 3'), waiting], 2500, LOOK)).toEqual([
    '[+] Running 1/3',
    ' ✔ Network shop_default    Created        0.3s',
    ' * Container shop-web-1    Creating       1.5s',
    '     step 3',
  ])
})

test('what went wrong keeps its detail', () => {
  const failed: Row = { ...done('shop-web-1'), state: 'error', text: 'Error', detail: 'no such user' }
  expect(renderFrame([failed], 0, LOOK).slice(1)).toEqual([
    ' ✘ Container shop-web-1  Error         11.5s',
    '     no such user',
  ])
})

test.each([
  [50, ' ✔ Container sh…-away-long-1  Started       11.5s'],
  [40, ' ✔ Contain…-long-1  Started       11.5s'],
  [30, ' ✔ Contain…long-1  Started'],
  [20, ' ✔ Co…1  Started'],
])('in %i columns no line is longer, and no column is broken', (columns, line) => {
  const rows = [done('shop-a-name-that-is-by-far-and-away-long-1'), done('b')]
  const frame = renderFrame(rows, 0, { ...LOOK, columns })
  expect(frame[1]).toBe(line)
  expect(Math.max(...frame.map(each => each.length))).toBeLessThan(columns)
})

test('where lines are few what is settled gives way, then what came last; in the end there is all', () => {
  const rows = [NETWORK, ...['a', 'b', 'c'].map(done), ...['d', 'e', 'f', 'g'].map(name => working(name))]
  const shown = (lines: number): string[] =>
    renderFrame(rows, 1000, { ...LOOK, lines }).map(line => line.slice(0, 14).trimEnd())
  expect(shown(9)).toHaveLength(9)
  expect(shown(7)).toEqual([
    '[+] Running 4/',
    ...'cdefg'.split('').map(name => (name === 'c' ? ' ✔ Container c' : ` * Container ${name}`)),
    '   … 3 done',
  ])
  expect(shown(5)).toEqual([
    '[+] Running 4/',
    ' * Container d',
    ' * Container e',
    ' * Container f',
    '   … 4 done, 1',
  ])
  expect(renderFrame(rows, 1000, LOOK)).toHaveLength(9)
})
