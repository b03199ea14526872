import { expect, test } from 'vitest'
import { FewAtOnce } from './few-at-once.ts'

test('no more are at work than are let in, in the order in which they came', async () => {
  const few = new FewAtOnce(2)
  let running = 0
  let most = 0
  const begun: number[] = []
  const work = async (index: number): Promise<number> => {
    begun.push(index)
    running += 1
    most = Math.max(most, running)
    await new Promise(resolve => setImmediate(resolve))
    running -= 1
    if (index === 3) throw new Error('no')
    return index
  }
  const all = await Promise.allSettled([0, 1, 2, 3, 4, 5].map(index => few.run(() => work(index))))
  expect([most, begun]).toEqual([2, [0, 1, 2, 3, 4, 5]])
  expect(all.map(({ status }) => status).filter(status => status === 'rejected')).toHaveLength(1)
})
