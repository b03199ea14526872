import { expect, test } from 'vitest'
import { termsOf } from './index.ts'
import { codeOf, refusals } from './refusals.test-support.ts'

test('SIGTERM and ten seconds, unless something else is said', () => {
  expect(termsOf({}, {}).stop).toEqual({ signal: 15, grace: 10 })
  expect(termsOf({ StopSignal: 'SIGQUIT', StopTimeout: 0 }, {}).stop).toEqual({ signal: 3, grace: 0 })
  expect(termsOf({ StopSignal: 'RTMIN+3', StopTimeout: -1 }, {}).stop).toEqual({ signal: 37, grace: -1 })
})

test('a signal that does not exist is refused; any time before now is no limit, as with Docker', () => {
  expect(refusals({ StopSignal: 'NOPE' }, {})).toEqual(['SIGNAL_INVALID StopSignal'])
  expect(refusals({ StopTimeout: -2 }, {})).toEqual([])
  expect(termsOf({ StopTimeout: -2 }, {}).stop.grace).toBe(-1)
})

test('what means nothing throws where it is asked for, and nowhere else', () => {
  const terms = termsOf({ StopSignal: 'NOPE', Tty: true }, {})
  expect(terms.stdio.tty).toBe(true)
  expect(codeOf(() => terms.stop)).toBe('SIGNAL_INVALID')
})
