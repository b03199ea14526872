import { expect, test } from 'vitest'
import { Coalesced } from './coalesced.ts'
import { KeyedMutex } from './keyed-mutex.ts'

test('tasks of one key follow one another, also after a failure; other keys do not wait', async () => {
  const mutex = new KeyedMutex()
  const order: string[] = []
  let release = (): void => {}
  const first = mutex.run('a', async () => {
    await new Promise<void>(resolve => {
      release = resolve
    })
    order.push('a1')
    throw new Error('no')
  })
  const second = mutex.run('a', async () => order.push('a2'))
  await mutex.run('b', async () => order.push('b'))
  expect(mutex.busy('a')).toBe(true)
  release()
  await expect(first).rejects.toThrow('no')
  await second
  expect(order).toEqual(['b', 'a1', 'a2'])
  await Promise.resolve()
  expect(mutex.busy('a')).toBe(false)
})

test('many requests become one run, and one more for those made while it runs', async () => {
  let runs = 0
  let release = (): void => {}
  const coalesced = new Coalesced(async () => {
    runs += 1
    await new Promise<void>(resolve => {
      release = resolve
    })
  })
  const early = [coalesced.run(), coalesced.run()]
  await new Promise(setImmediate)
  expect(runs).toBe(1)
  const late = [coalesced.run(), coalesced.run()]
  release()
  await Promise.all(early)
  await new Promise(setImmediate)
  release()
  await Promise.all(late)
  expect(runs).toBe(2)
})
