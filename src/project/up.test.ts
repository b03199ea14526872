import { expect, test } from 'vitest'
import type { Observed, Plan } from '../planner/index.ts'
import { makeProject } from '../planner/testing/projects.ts'
import { PROJECT, SKETCH, WORLD } from '../planner/testing/running-project.ts'
import type { ConnectedProject } from './connected-project.ts'
import { keepLastProject } from './model.ts'
import { planAhead, planFor, type UpRequest } from './up.ts'

const plan = (observed: Observed, request: UpRequest = {}, project = PROJECT): Promise<Plan> =>
  planFor({ project } as unknown as ConnectedProject, observed, request)

test('a plan without operations is made once, in a thread that keeps its last project', async () => {
  const first = await plan(WORLD)
  expect(first.operations).toEqual([])
  expect(await plan(WORLD)).not.toBe(first)
  keepLastProject()
  const kept = await plan(WORLD, { now: 1 })
  expect(await plan(WORLD, { now: 2 })).toBe(kept)
  // Another look, other options, another load.
  expect(await plan({ ...WORLD })).not.toBe(kept)
  expect((await plan(WORLD, { recreate: 'force' })).operations).not.toEqual([])
  expect(await plan(WORLD, {}, makeProject(SKETCH))).not.toBe(kept)
})

test('one that hangs on the moment is made at each', async () => {
  keepLastProject()
  const [name = ''] = Object.keys(SKETCH.services)
  const daily = makeProject({
    ...SKETCH,
    services: { ...SKETCH.services, [name]: { ...SKETCH.services[name], pull_policy: 'daily' } },
  })
  const observed = { ...WORLD }
  expect(await plan(observed, {}, daily)).not.toBe(await plan(observed, {}, daily))
})

test('a plan that was made ahead is the plan, of one that does something once', async () => {
  keepLastProject()
  const connected = { project: PROJECT } as unknown as ConnectedProject
  let reads = 0
  const observed: Observed = {
    ...WORLD,
    get containers() {
      reads += 1
      return WORLD.containers
    },
  }
  const readsOf = async (request: UpRequest): Promise<boolean> => {
    reads = 0
    expect(await plan(observed, request)).toEqual(await plan({ ...WORLD }, request))
    return reads > 0
  }
  planAhead(connected, observed, {})
  expect([reads > 0, await readsOf({}), await readsOf({})]).toEqual([true, false, false])
  const force = { recreate: 'force' } as const
  planAhead(connected, observed, force)
  // Whoever plans behind its execution plans anew.
  expect([await readsOf(force), await readsOf(force)]).toEqual([false, true])
})

test('what cannot be planned is told to who plans, not ahead', async () => {
  keepLastProject()
  const request = { services: ['nobody'] }
  const connected = { project: PROJECT } as unknown as ConnectedProject
  expect(() => planAhead(connected, WORLD, request)).not.toThrow()
  await expect(plan(WORLD, request)).rejects.toThrow('no such service')
})
