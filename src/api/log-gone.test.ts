import { expect, test } from 'vitest'
import { LOG_GONE, readGone, renderGone } from './log-gone.ts'

test('what is gone of a log travels in a header, and nothing else is read as such', () => {
  const gone = { lines: 129_373, bytes: 5_304_293 }
  expect(readGone({ [LOG_GONE.toLowerCase()]: renderGone(gone) })).toEqual(gone)
  expect(readGone({})).toBeUndefined()
  expect(readGone({ [LOG_GONE.toLowerCase()]: 'much' })).toBeUndefined()
})
