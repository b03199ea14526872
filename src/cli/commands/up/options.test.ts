import { expect, test } from 'vitest'
import { Failure } from '../../../diagnostics/index.ts'
import { readUpOptions } from './options.ts'

const read = (raw: Record<string, unknown>, services: string[] = []) =>
  readUpOptions(services, raw, { env: {}, given: new Set() })
const codeOf = (raw: Record<string, unknown>): string => {
  try {
    read(raw)
    return 'accepted'
  } catch (error) {
    return error instanceof Failure ? error.code : 'other'
  }
}

test('--wait implies -d', () => {
  expect(read({ wait: true }).detach).toBe(true)
  expect(read({}).detach).toBe(false)
})

test('what exists is compared unless a flag says otherwise', () => {
  expect(read({}).plan.recreate).toBe('diverged')
  expect(read({ forceRecreate: true }).plan.recreate).toBe('force')
  expect(read({ recreate: false }).plan.recreate).toBe('never')
  expect(read({ renewAnonVolumes: true }).plan.recreate).toBe('force')
})

test('--exit-code-from ends all with the first exit, unless failures alone shall', () => {
  expect(read({ exitCodeFrom: 'web' }).attach.abortOn).toBe('any')
  expect(read({ exitCodeFrom: 'web', abortOnContainerFailure: true }).attach.abortOn).toBe('failed')
  expect(read({}).attach.abortOn).toBe('none')
})

test('--scale takes SERVICE=NUMBER, several times', () => {
  expect(read({ scale: ['web=3', 'db=0'] }).plan.scale).toEqual({ web: 3, db: 0 })
  expect(codeOf({ scale: ['web'] })).toBe('FLAG_VALUE')
  expect(codeOf({ scale: ['web=-1'] })).toBe('FLAG_VALUE')
})

test.each([
  ['build', 'no-build'],
  ['force-recreate', 'no-recreate'],
  ['always-recreate-deps', 'no-recreate'],
  ['renew-anon-volumes', 'no-recreate'],
  ['abort-on-container-exit', 'abort-on-container-failure'],
  ['attach', 'attach-dependencies'],
  ['detach', 'abort-on-container-exit'],
  ['wait', 'attach'],
])('--%s and --%s exclude each other', (one, other) => {
  const given = new Set([one, other])
  expect(() => readUpOptions([], {}, { env: {}, given })).toThrowError(/exclude each other/)
  expect(() => readUpOptions([], {}, { env: {}, given: new Set([one]) })).not.toThrow()
})

test('a negative --wait-timeout is refused', () => {
  expect(codeOf({ wait: true, waitTimeout: -1 })).toBe('FLAG_VALUE')
})
