import { expect, test, vi } from 'vitest'
import { answeredStat } from './answered-stat.ts'

/** How long a look that is not answered would be waited for. */
const patience = vi.hoisted((): number[] => [])

vi.mock('node:timers/promises', () => ({
  setTimeout: (milliseconds: number) => {
    patience.push(milliseconds)
    return new Promise<void>(() => undefined)
  },
}))

test('what answers is told as stat tells it, errors too', async () => {
  expect((await answeredStat('/')).isDirectory()).toBe(true)
  await expect(answeredStat('/nowhere/at/all')).rejects.toMatchObject({ code: 'ENOENT' })
  const many = await Promise.all(Array.from({ length: 50 }, () => answeredStat('/tmp')))
  expect(many.every(each => each.isDirectory())).toBe(true)
})

test('who asks for a path that is being looked at waits as long as the first one does, and not for one that has been silent', async () => {
  patience.length = 0
  await Promise.all([answeredStat('/usr', 60_000), answeredStat('/usr', 60_000), answeredStat('/usr', 0)])
  expect(patience.map(each => Math.ceil(each / 10_000))).toEqual([6, 6, 0])
})
