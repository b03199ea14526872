import { expect, test, vi } from 'vitest'
import { answeredStat } from './answered-stat.ts'

test('what answers is told as stat tells it, errors too', async () => {
  expect((await answeredStat('/')).isDirectory()).toBe(true)
  await expect(answeredStat('/nowhere/at/all')).rejects.toMatchObject({ code: 'ENOENT' })
  const many = await Promise.all(Array.from({ length: 50 }, () => answeredStat('/tmp')))
  expect(many.every(each => each.isDirectory())).toBe(true)
})

test('who asks for a path that is being looked at waits as long as the first one does', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
  try {
    const first = answeredStat('/usr', 60_000)
    const second = answeredStat('/usr', 60_000)
    const impatient = answeredStat('/usr', 1_000)
    const told = impatient.catch((error: unknown) => error)
    // The answer is there when the event loop looks for it.
    vi.advanceTimersByTime(59_000)
    expect(await told).toMatchObject({ code: 'PATH_SILENT' })
    expect((await Promise.all([first, second])).every(each => each.isDirectory())).toBe(true)
  } finally {
    vi.useRealTimers()
  }
})
