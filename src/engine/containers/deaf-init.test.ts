import { expect, test } from 'vitest'
import type { SignalState, ThreadState } from '../../linux/signal-state.ts'
import { mayTake } from './deaf-init.ts'

const TERM = 1n << 14n
const REST: ThreadState = {
  id: 1,
  letter: 'S',
  blocked: 0n,
  pending: 0n,
  isTraced: false,
  awaitsSignals: false,
  switches: 1,
}
const state = (thread: Partial<ThreadState>, rest: Partial<SignalState> = {}): SignalState => ({
  caught: 0n,
  watched: 0n,
  threads: [REST, { ...REST, id: 2, ...thread }],
  ...rest,
})

test('nobody takes a signal without handler that no thread blocks or awaits', () => {
  expect(mayTake(state({}), 15)).toBe(false)
  expect(mayTake(state({ blocked: 1n, pending: 1n }, { caught: 1n, watched: 1n }), 15)).toBe(false)
})

test.each([
  ['a handler', state({}, { caught: TERM })],
  ['a signalfd', state({}, { watched: TERM })],
  ['a thread that blocks it, for sigwait or later', state({ blocked: TERM })],
  ['a thread in sigwait, which shows nothing as blocked', state({ awaitsSignals: true })],
  ['an earlier one that waits to be taken', state({ pending: TERM })],
  ['a tracer', state({ isTraced: true })],
])('somebody may take it: %s', (_, seen) => {
  expect(mayTake(seen, 15)).toBe(true)
})
