import { expect, test } from 'vitest'
import { Coalesced } from './coalesced.ts'
import { FewAtOnce } from './few-at-once.ts'
import { KeyedMutex } from './keyed-mutex.ts'
import { Turns } from './turns.ts'
import { Waiters } from './waiters.ts'

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

test('so many tasks run at once, the others in the order in which they came, also after a failure', async () => {
  const few = new FewAtOnce(2)
  const begun: number[] = []
  const release: (() => void)[] = []
  const tasks = [0, 1, 2, 3].map(number =>
    few.run(async () => {
      begun.push(number)
      await new Promise<void>(resolve => release.push(resolve))
      if (number === 0) throw new Error('no')
    }),
  )
  await new Promise(setImmediate)
  expect(begun).toEqual([0, 1])
  release[0]?.()
  await expect(tasks[0]).rejects.toThrow('no')
  await new Promise(setImmediate)
  expect(begun).toEqual([0, 1, 2])
  for (const each of [1, 2]) release[each]?.()
  await tasks[1]
  await tasks[2]
  await new Promise(setImmediate)
  release[3]?.()
  await Promise.all(tasks.slice(1))
  expect(begun).toEqual([0, 1, 2, 3])
})

test('one begins in each round of the event loop, those that others wait for first, and nobody waits for nothing', async () => {
  const turns = new Turns()
  const order: string[] = []
  const take = async (name: string, first: boolean): Promise<void> => {
    await turns.take(first)
    order.push(name)
  }
  const round = (): Promise<void> => new Promise(setImmediate)
  const all = [take('create 1', false), take('create 2', false), take('create 3', false)]
  await Promise.resolve()
  expect(order).toEqual(['create 1'])
  all.push(take('start 1', true), take('start 2', true))
  await round()
  expect(order).toEqual(['create 1', 'start 1'])
  await round()
  all.push(take('start 3', true))
  await Promise.all(all)
  expect(order).toEqual(['create 1', 'start 1', 'start 2', 'start 3', 'create 2', 'create 3'])
  await round()
  await round()
  void take('alone', false)
  await Promise.resolve()
  expect(order.at(-1)).toBe('alone')
})

test('who waits is woken in order, all at once, or by the time that is up', async () => {
  const waiters = new Waiters()
  const woken: number[] = []
  const waits = [1, 2, 3].map(async number => {
    await waiters.wait(60_000)
    woken.push(number)
  })
  waiters.wakeOne()
  await waits[0]
  expect(woken).toEqual([1])
  waiters.wakeAll()
  await Promise.all(waits)
  expect(woken).toEqual([1, 2, 3])
  await waiters.wait(0)
  waiters.wakeOne()
  expect(woken).toEqual([1, 2, 3])
})

test('as many begin in a round of the loop as go together, and first those that others wait for', async () => {
  const turns = new Turns(2)
  const begun: string[] = []
  for (const name of ['a', 'b', 'c', 'd', 'e']) void turns.take(name === 'e').then(() => begun.push(name))
  const rounds: string[] = []
  for (let round = 0; round < 4; round++) {
    await Promise.resolve()
    rounds.push(begun.join(''))
    await new Promise(resolve => setImmediate(resolve))
  }
  expect(rounds).toEqual(['ab', 'abec', 'abecd', 'abecd'])
  await turns.take(false)
})
