import { expect, test } from 'vitest'
import { ByteCount } from './byte-count.ts'

test('what was passed on does not come again, however it is cut', () => {
  const count = new ByteCount()
  const take = (stream: 'stdout' | 'stderr', text: string): string =>
    count.take(stream, Buffer.from(text)).toString()
  expect([take('stdout', 'abc'), take('stderr', 'xy'), take('stdout', 'd')]).toEqual(['abc', 'xy', 'd'])
  count.again()
  expect([take('stdout', 'ab'), take('stdout', 'cdef'), take('stderr', 'xyz')]).toEqual(['', 'ef', 'z'])
  count.again()
  expect([take('stderr', 'xyz'), take('stdout', 'abcdefg')]).toEqual(['', 'g'])
})
