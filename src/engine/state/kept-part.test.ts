import { expect, test } from 'vitest'
import { KeptPart } from './kept-part.ts'

test('a part is made once for the same things, frozen, and anew for others', () => {
  const parts = new KeptPart<object, { from: string }>()
  const [web, db] = [{}, {}]
  const config = {}
  const made = parts.of(web, [config, 'a'], () => ({ from: 'first' }))
  expect(parts.of(web, [config, 'a'], () => ({ from: 'again' }))).toBe(made)
  expect(Object.isFrozen(made)).toBe(true)
  expect(parts.of(db, [config, 'a'], () => ({ from: 'another' }))).toEqual({ from: 'another' })
  expect(parts.of(web, [{}, 'a'], () => ({ from: 'changed' }))).toEqual({ from: 'changed' })
  expect(parts.of(web, [{}, 'a', 'link'], () => ({ from: 'more' }))).toEqual({ from: 'more' })
  expect(parts.of(web, [], () => ({ from: 'nothing' }))).toEqual({ from: 'nothing' })
})
