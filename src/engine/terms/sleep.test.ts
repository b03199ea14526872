import { expect, test } from 'vitest'
import { Problems } from './problems.ts'
import { sleepTerm } from './sleep.ts'

const SECOND = 1e9

test.each([
  [undefined, undefined],
  [{ Freeze: 90 * SECOND }, { freeze: 90_000 }],
  [{ Freeze: 90 * SECOND, Stop: 0 }, { freeze: 90_000 }],
  [
    { Freeze: SECOND, Stop: 2 * SECOND },
    { freeze: 1000, stop: 2000 },
  ],
])('%j is read', (TscomposeSleep, terms) => {
  expect(sleepTerm.read({ TscomposeSleep })).toEqual(terms)
})

test.each([
  ['less than a second', { TscomposeSleep: { Freeze: 1 } }],
  ['a stop before the beginning', { TscomposeSleep: { Freeze: SECOND, Stop: -1 } }],
  ['the network of the host', { TscomposeSleep: { Freeze: SECOND }, NetworkMode: 'host' }],
  ['the network of another one', { TscomposeSleep: { Freeze: SECOND }, NetworkMode: 'container:x' }],
  ['a removal at its end', { TscomposeSleep: { Freeze: SECOND }, AutoRemove: true }],
])('%s is refused', (_, given) => {
  const problems = new Problems()
  sleepTerm.check?.(given, problems, undefined as never)
  expect(() => problems.throwIfAny()).toThrow(expect.objectContaining({ code: 'SLEEP_INVALID' }))
})
