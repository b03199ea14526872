import { expect, test } from 'vitest'
import { AsyncQueue } from './async-queue.ts'

test('a queue gives everything pushed before its end, then its error', async () => {
  const queue = new AsyncQueue<number>()
  queue.push(1)
  queue.push(2)
  queue.end(new Error('over'))
  queue.push(3)
  const got: number[] = []
  await expect(
    (async () => {
      for await (const value of queue) got.push(value)
    })(),
  ).rejects.toThrow('over')
  expect(got).toEqual([1, 2])
})

test('a consumer that leaves ends the queue, and lets a waiting producer go', async () => {
  const queue = new AsyncQueue<number>()
  let ended = false
  queue.onEnd(() => {
    ended = true
  })
  queue.push(1)
  queue.push(2)
  for await (const _ of queue) break
  expect(ended).toBe(true)
  await queue.roomBelow(1)
})
