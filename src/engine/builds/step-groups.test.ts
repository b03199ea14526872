import { expect, test } from 'vitest'
import type { Limits } from '../cgroup/index.ts'
import { StepGroups } from './step-groups.ts'

/** Groups in memory, and what was done with them. */
function machine(refuse?: (limits: Limits) => boolean) {
  const there = new Set<string>()
  const made: string[] = []
  const killed: string[] = []
  const groups = new StepGroups({
    has: id => there.has(id),
    ensure: (id, limits) => {
      there.add(id)
      made.push(id)
      if (refuse?.(limits)) throw new Error('refused')
      return ['a limit is lost']
    },
    kill: async id => void killed.push(id),
    remove: async id => void there.delete(id),
  })
  return { groups, there, made, killed }
}

const idOf = async (id: string): Promise<string> => id
/** After others have begun. */
const later = (id: string): Promise<string> => new Promise(settle => setImmediate(() => settle(id)))

test('a step has the groups of the one before, in which nobody is left', async () => {
  const { groups, made, killed, there } = machine()
  const first = await groups.using({}, idOf)
  expect(killed).toEqual([first])
  expect(await groups.using({}, idOf)).toBe(first)
  expect(made).toEqual([first])
  there.delete(first)
  await groups.using({}, idOf)
  expect(made).toEqual([first, first])
  await groups.close()
  expect(there.size).toBe(0)
})

test('steps side by side have groups of their own each, and so have those with other limits', async () => {
  const { groups, there } = machine()
  const ids = await Promise.all([{}, {}, { memory: 1 << 26 }].map(limits => groups.using(limits, later)))
  expect(new Set(ids).size).toBe(3)
  expect(await groups.using({ memory: 1 << 26 }, idOf)).toBe(ids[2])
  expect(await groups.using({ memory: 1 << 27 }, idOf)).not.toBe(ids[2])
  await Promise.all(Array.from({ length: 30 }, () => groups.using({}, later)))
  expect(there.size).toBe(8)
  await groups.close()
  expect(there.size).toBe(0)
})

test('what is lost is told where groups are made, and those that could not be made whole are removed', async () => {
  const { groups, there } = machine(({ memory }) => memory === 1)
  const lost = async (_: string, told: readonly string[]) => told
  expect(await groups.using({}, lost)).toEqual(['a limit is lost'])
  expect(await groups.using({}, lost)).toEqual([])
  await expect(groups.using({ memory: 1 }, idOf)).rejects.toThrow('refused')
  expect(there.size).toBe(1)
})
