import { expect, test } from 'vitest'
import type { Observed, Plan } from '../planner/index.ts'
import { makeProject } from '../planner/testing/projects.ts'
import { PROJECT, SKETCH, WORLD } from '../planner/testing/running-project.ts'
import type { ConnectedProject } from './connected-project.ts'
import { keepLastProject } from './model.ts'
import { planFor, type UpRequest } from './up.ts'

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
