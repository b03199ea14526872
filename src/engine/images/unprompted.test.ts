import { expect, test } from 'vitest'
import { failure } from '../../diagnostics/index.ts'
import { unprompted } from './unprompted.ts'

const refused = failure({
  code: 'REGISTRY_UNAUTHORIZED',
  kind: 'unauthorized',
  summary: 'the registry refuses',
  hint: 'log in',
})

test('a refusal is answered as nothing to be found, in the words that were asked for, with its code and hint', () => {
  expect(unprompted(refused, 'denied')).toMatchObject({
    kind: 'notFound',
    diagnostics: [
      { code: 'REGISTRY_UNAUTHORIZED', summary: 'denied', detail: 'the registry refuses', hint: 'log in' },
    ],
  })
  expect(unprompted(refused)).toMatchObject({ kind: 'notFound', diagnostics: refused.diagnostics })
})

test('other errors stay as they are', () => {
  const other = failure({ code: 'REGISTRY_BUSY', kind: 'unavailable', summary: 'busy' })
  expect(unprompted(other, 'denied')).toBe(other)
})
