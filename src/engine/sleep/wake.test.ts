// Who is started or restarted in the namespaces of one that sleeps, and has no process then.
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { SimulatedMonitor } from '../../native/testing/simulated-monitor.ts'
import type { Engine } from '../index.ts'
import { SimulatedMachine } from '../machine.test-support.ts'

let machine: SimulatedMachine
let engine: Engine
let web: SimulatedMonitor

const stateOf = async (name: string) => (await engine.containers.inspect(name, { size: false })).State
const create = (name: string, NetworkMode: string) =>
  engine.containers.create({ Image: 'app:1', HostConfig: { NetworkMode } }, { name })

async function start(name: string): Promise<SimulatedMonitor> {
  await engine.containers.start(name, {})
  return machine.monitors.last
}

/** Its run ends for it to sleep on. */
async function fallAsleep(): Promise<void> {
  web.say({ phase: 'restarting', asleep: true, pid: 0, exitCode: 143, finishedAt: 7n })
  await vi.waitFor(async () => expect((await stateOf('web')).TscomposeAsleep).toBe('stopped'))
}

function wake(monitor: SimulatedMonitor): void {
  monitor.say({ phase: 'running', asleep: false, pid: 5_000_009, pidStartTime: 1n, startedAt: 9n })
}

beforeEach(async () => {
  machine = await new SimulatedMachine().prepare()
  ;({ engine } = await machine.open())
  machine.monitors.script = { sleep: wake, signal: monitor => void monitor.exit(0) }
  await create('web', 'net')
  web = await start('web')
  await create('sibling', 'container:web')
})
afterEach(() => machine.end())

test.each(['start', 'restart'] as const)('a %s wakes it first', async action => {
  if (action === 'restart') await start('sibling')
  await fallAsleep()
  await engine.containers[action]('sibling', {})
  expect(await stateOf('web')).not.toHaveProperty('TscomposeAsleep')
  expect(await stateOf('sibling')).toMatchObject({ Running: true })
  expect(web.asked.filter(each => each === 'sleep')).toHaveLength(1)
})

test('a start of who is in it by another wakes it, too', async () => {
  await start('sibling')
  await create('third', 'container:sibling')
  await fallAsleep()
  await start('third')
  expect(await stateOf('third')).toMatchObject({ Running: true })
})

test('a restart ends nobody who could not come back', async () => {
  await start('sibling')
  await web.exit(0)
  await vi.waitFor(async () => expect((await stateOf('web')).Running).toBe(false))
  await expect(engine.containers.restart('sibling', {})).rejects.toMatchObject({
    code: 'CONTAINER_NOT_RUNNING',
  })
  expect(await stateOf('sibling')).toMatchObject({ Running: true })
})
