import { expect, it } from 'vitest'
import type { ErrorKind } from '../../diagnostics/index.ts'
import { kindOfStatus, statusOfKind } from './error-body.ts'

const KINDS: readonly ErrorKind[] = [
  'invalidArgument',
  'unauthorized',
  'notFound',
  'conflict',
  'notModified',
  'unavailable',
  'notImplemented',
  'internal',
]

it.each(KINDS)('a failure of kind %s is of that kind again on the other side', kind => {
  expect(kindOfStatus(statusOfKind(kind))).toBe(kind)
})

it('a status that we never send has the kind of its class', () => {
  expect(kindOfStatus(418)).toBe('invalidArgument')
  expect(kindOfStatus(502)).toBe('unavailable')
  expect(kindOfStatus(599)).toBe('internal')
})
