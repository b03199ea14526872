import { expect, test } from 'vitest'
import type { ServiceExtension } from '../../model/index.ts'
import type { AppliedExtension, Observed } from '../observed/observed.ts'
import { makeProject } from '../testing/projects.ts'
import { emptyWorld, imageOf, simulate } from '../testing/simulate.ts'
import { planUp } from '../up/plan-up.ts'

const EMPTY = emptyWorld('lamp', { 'example/a': imageOf('a') })

/** What `up` changes of a container that has been made of the same file, and has this much of it. */
function changed(extension: ServiceExtension, extensions?: readonly AppliedExtension[]): string[] {
  const project = makeProject({ services: { a: { 'x-tscompose': extension } } })
  const world = simulate(planUp(project, EMPTY), EMPTY)
  const before: Observed = {
    ...world,
    containers: world.containers.map(each => ({ ...each, ...(extensions && { extensions }) })),
  }
  const { operations } = planUp(project, before)
  const create = operations.find(({ id }) => id === 'container:lamp-a-1:create')
  expect(operations.length > 0).toBe(create !== undefined)
  return (create?.changes ?? []).map(({ path }) => path)
}

test.each<[AppliedExtension, ServiceExtension]>([
  ['egress', { egress: ['127.0.0.0/8'] }],
  ['host_access', { host_access: true }],
  ['probe', { probe: { tcp: '80' } }],
  ['publish', { publish: 'proxy' }],
  ['sleep', { sleep: { freeze: '10m' } }],
])('a container without the %s that its labels tell of is replaced', (name, extension) => {
  expect(changed(extension, [])).toEqual([`x-tscompose.${name}`])
  expect(changed(extension, [name])).toEqual([])
  // Of an engine that is not ours nothing better is to be had.
  expect(changed(extension)).toEqual([])
})

test('what the file does not ask for is missed by nobody', () => {
  expect(changed({ host_access: false, publish: 'all', run_once: true }, [])).toEqual([])
})
