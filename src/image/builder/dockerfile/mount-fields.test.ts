import { expect, test } from 'vitest'
import { mountFields, mountProblem } from './mount-fields.ts'

test('fields are separated by commas, quotes keep them together, bare keys are true', () => {
  expect([...mountFields('type=bind,"source=a,b",RO')]).toEqual([
    ['type', 'bind'],
    ['source', 'a,b'],
    ['ro', 'true'],
  ])
})

test('an empty from is none', () => {
  expect(mountFields('from=,target=/x').has('from')).toBe(false)
})

test.each([
  'type=swap,target=/x',
  'type=secret',
  'type=bind,target=/x,size=1m',
  'type=bind,target=/x,sharing=locked',
  'type=tmpfs,target=/x,mode=0700',
  'target=/x,ro=maybe',
  'target',
  'from=$X,target=/x',
  'type=cache,target=/x,mode=9',
  'type=cache,target=/x,uid=-1',
  'type=cache,target=/x,sharing=some',
  'type=tmpfs,target=/x,size=big',
  '',
  'target=/x,',
  'type=bind,,target=/x',
  'type=bind',
  'type=cache,id=a',
  'type=tmpfs,target=/',
  'type=cache,target=.',
  'type=secret,id=',
  'type=secret,id=a,source=b',
  'type=ssh,source=a',
])('%s is refused', text => {
  expect(mountProblem(text)).toBeTypeOf('string')
})

test.each([
  'target=/x',
  'type=cache,target=/x,sharing=locked,mode=0700,uid=1',
  'type=$T,target=/x',
  'type=secret,id=a,required',
  'type=cache,target=/x,from=y,source=z',
  'type=ssh',
  'type=cache,target=/x,env=A',
  'type=secret,source=a',
  'type=bind,"source=a,,b",target=/x',
  'TYPE=SSH,id=a,required=false,mode=0600',
])('%s is fine', text => {
  expect(mountProblem(text)).toBeUndefined()
})
