import { Script } from 'node:vm'
import { expect, test } from 'vitest'
import { Passage } from './passage.ts'

/** Each of its own filename: V8 has what it compiled a moment ago at hand, and looks at no cache then. */
const compile = (filename: string, cachedData?: Buffer): Script =>
  new Script('(function () { return 1 })', { filename, ...(cachedData && { cachedData }) })
const cachedData = compile('first').createCachedData()
let looks = 0

/** A code cache is good for the flags alone that it was made with. */
const isChanged = (): boolean => {
  looks += 1
  return compile(`look-${looks}`, cachedData).cachedDataRejected === true
}

const MEGABYTE = 1024 * 1024

test('a large stream changes how the heap grows until the last one has ended, a small one never', () => {
  const [small, one, other] = [new Passage(), new Passage(), new Passage()]
  small.pass(MEGABYTE)
  expect(isChanged()).toBe(false)
  for (let passed = 0; passed < 16; passed += 1) {
    one.pass(MEGABYTE)
    other.pass(MEGABYTE)
  }
  expect(isChanged()).toBe(true)
  one.end()
  one.end()
  small.end()
  expect(isChanged()).toBe(true)
  other.end()
  other.pass(16 * MEGABYTE)
  expect(isChanged()).toBe(false)
})
