import { expect, test } from 'vitest'
import { checkName } from './name.ts'

test.each(['web', '/web', 'a.b-c_1', 'A0'])('name %s is allowed', name => {
  expect(checkName('container', name)).toBe(name.replace('/', ''))
})

test.each([
  '',
  'a',
  '-a',
  '../../evil',
  'a b',
  'a/b',
  'a\n',
  `a${'b'.repeat(300)}`,
])('name %j is not', name => {
  expect(() => checkName('container', name)).toThrow(expect.objectContaining({ code: 'NAME_INVALID' }))
})
