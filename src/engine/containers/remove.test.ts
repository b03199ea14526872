// What a removal finds of the last run, and what it leaves to it.
import { afterEach, beforeEach, expect, test } from 'vitest'
import { failure } from '../../diagnostics/index.ts'
import type { Engine } from '../index.ts'
import { NOTHING, SimulatedMachine } from '../machine.test-support.ts'

let machine: SimulatedMachine
let engine: Engine
/** How often groups were to be removed. */
let releases: number

beforeEach(async () => {
  machine = await new SimulatedMachine().prepare()
  ;({ engine } = await machine.open())
  releases = 0
  machine.onRelease = () => {
    releases += 1
  }
})
afterEach(() => machine.end())

/** A container whose run has ended. */
async function stopped(): Promise<string> {
  const { Id } = await engine.containers.create(
    { Image: 'app:1', HostConfig: { NetworkMode: 'net' } },
    { name: 'web' },
  )
  await engine.containers.start(Id, {})
  await machine.monitors.last.exit(0)
  return Id
}

const remove = (id: string) => engine.containers.remove(id, { force: false, volumes: false, link: false })

test('what was cleared away behind the run is not looked for again', async () => {
  await remove(await stopped())
  expect([releases, machine.traces()]).toEqual([1, NOTHING])
})

test('what could not be is', async () => {
  machine.onRelease = () => {
    releases += 1
    if (releases === 1) throw failure({ code: 'CGROUP_BUSY', summary: 'busy' })
  }
  await remove(await stopped())
  expect([releases, machine.traces()]).toEqual([2, NOTHING])
})

test('a run that follows has its own', async () => {
  const id = await stopped()
  await engine.containers.start(id, {})
  await machine.monitors.last.exit(0)
  await remove(id)
  expect([releases, machine.traces()]).toEqual([2, NOTHING])
})
