import { expect, test } from 'vitest'
import { answeredStat } from './answered-stat.ts'

test('what answers is told as stat tells it, errors too', async () => {
  expect((await answeredStat('/')).isDirectory()).toBe(true)
  await expect(answeredStat('/nowhere/at/all')).rejects.toMatchObject({ code: 'ENOENT' })
  const many = await Promise.all(Array.from({ length: 50 }, () => answeredStat('/tmp')))
  expect(many.every(each => each.isDirectory())).toBe(true)
})
