import { expect, it, vi } from 'vitest'
import { TreeRemovals, type TreeRemovers } from './tree-removals.ts'

/** Removers that tell who was removed how, and end when they are told to. */
function makeRemovers(fails: readonly string[] = []) {
  const alone: string[] = []
  const together: (readonly string[])[] = []
  const ends: (() => void)[] = []
  const until = (paths: readonly string[]): Promise<void> =>
    new Promise((resolve, reject) => {
      const failing = paths.find(path => fails.includes(path))
      ends.push(() => (failing === undefined ? resolve() : reject(new Error(`cannot remove ${failing}`))))
    })
  const removers: TreeRemovers = {
    one(path) {
      alone.push(path)
      return until([path])
    },
    several(paths) {
      together.push(paths)
      return until(paths)
    },
  }
  const end = async (): Promise<void> => {
    for (const each of ends.splice(0)) each()
    await new Promise(setImmediate)
  }
  return { removers, alone, together, end }
}

const names = (count: number): string[] => Array.from({ length: count }, (_, at) => `/c/${at}`)

it('a tree that comes alone is removed at once, without another process', async () => {
  const { removers, alone, together, end } = makeRemovers()
  const removals = new TreeRemovals(removers)
  for (const path of ['/c/a', '/c/b']) {
    const removed = removals.remove(path)
    await end()
    await removed
  }
  expect(alone).toEqual(['/c/a', '/c/b'])
  expect(together).toEqual([])
})

it('those that come meanwhile go together, and each hears when it has gone', async () => {
  const { removers, alone, together, end } = makeRemovers()
  const removals = new TreeRemovals(removers)
  const all = names(100).map(path => removals.remove(path))
  await vi.waitFor(async () => {
    await end()
    expect(together.flat()).toHaveLength(99)
  })
  await end()
  await Promise.all(all)
  expect(alone).toEqual(['/c/0'])
  expect(together.length).toBeLessThanOrEqual(40)
  expect(together.flat()).toEqual(names(100).slice(1))
})

it('nobody goes alone while others are on their way, or wait for that', async () => {
  const { removers, alone, end } = makeRemovers()
  const removals = new TreeRemovals(removers)
  const first = removals.remove('/c/a')
  const second = removals.remove('/c/b')
  await end()
  await first
  // The first has gone, the second waits for others.
  const third = removals.remove('/c/c')
  await vi.waitFor(async () => {
    await end()
    await Promise.race([second, Promise.reject(new Error('still there'))])
  })
  await third
  expect(alone).toEqual(['/c/a'])
  await Promise.all([removals.remove('/c/d'), new Promise(setImmediate).then(end)])
  expect(alone).toEqual(['/c/a', '/c/d'])
})

it('no more than a few companies are on their way', async () => {
  const { removers, together } = makeRemovers()
  const removals = new TreeRemovals(removers)
  for (const path of names(100)) void removals.remove(path)
  await new Promise(resolve => setTimeout(resolve, 20))
  expect(together).toHaveLength(8)
})

it('who cannot be removed is told why, and nobody else of his company', async () => {
  const { removers, alone, end } = makeRemovers(['/c/2'])
  const removals = new TreeRemovals(removers)
  const all = Promise.allSettled(names(4).map(path => removals.remove(path)))
  await vi.waitFor(async () => {
    await end()
    expect(alone).toHaveLength(4)
  })
  await end()
  const outcomes = await all
  expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled'])
  expect(outcomes[2]).toMatchObject({ reason: expect.objectContaining({ message: 'cannot remove /c/2' }) })
})
