// What becomes of a container when its monitor, or the connection to it, is lost while the engine looks.
import { writeFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { EventMessage, HostConfig, RestartPolicy } from '../../api/types/index.ts'
import { renderStatus } from '../../native/testing/monitor-text.ts'
import { MonitorRefusal, type SimulatedMonitor } from '../../native/testing/simulated-monitor.ts'
import type { Engine } from '../index.ts'
import { NOTHING, SimulatedMachine } from '../machine.test-support.ts'

let machine: SimulatedMachine
let engine: Engine
let events: EventMessage[]
let warnings: string[]

beforeEach(async () => {
  machine = await new SimulatedMachine().prepare()
  ;({ engine, events, warnings } = await machine.open())
})
afterEach(() => machine.end())

async function start(hostConfig: HostConfig = {}): Promise<SimulatedMonitor> {
  await engine.containers.create(
    { Image: 'app:1', HostConfig: { NetworkMode: 'net', ...hostConfig } },
    { name: 'web' },
  )
  await engine.containers.start('web', {})
  return machine.monitors.last
}

const policy = (Name: RestartPolicy['Name'], MaximumRetryCount = 0): HostConfig => ({
  RestartPolicy: { Name, MaximumRetryCount },
})
const inspect = () => engine.containers.inspect('web', { size: false })
const becomes = (state: object): Promise<void> =>
  vi.waitFor(async () => expect((await inspect()).State).toMatchObject(state), 5_000)
const actions = (): string[] =>
  events
    .filter(each => each.Type === 'container')
    .map(each => each.Action)
    .filter(action => action !== 'create')
const wait = () => engine.containers.wait('web', 'next-exit', new AbortController().signal)

describe('a monitor that is killed', () => {
  test('takes its container along: who waits is told, and nothing is left', async () => {
    const monitor = await start()
    const { result } = await wait()
    await monitor.die()
    expect(await result).toEqual({ StatusCode: 137 })
    await becomes({ Status: 'exited', ExitCode: 137, Pid: 0 })
    expect(warnings).toEqual(['MONITOR_DIED'])
    expect(machine.killed).toEqual([(await inspect()).Id])
    expect(actions()).toEqual(['start', 'die'])
    await vi.waitFor(() => expect(machine.traces()).toEqual(NOTHING))
    await vi.waitFor(() => expect(engine.idle()).toBe(true))
  })

  test.each([
    ['no', policy('no'), 0],
    ['on-failure', policy('on-failure'), 1],
    ['unless-stopped', policy('unless-stopped'), 1],
    ['always', policy('always'), 1],
  ])('does not end the policy %s', async (_, hostConfig, restarts) => {
    const monitor = await start(hostConfig)
    await monitor.die()
    await vi.waitFor(() => expect(machine.monitors.all).toHaveLength(1 + restarts))
    await becomes({ Running: restarts > 0 })
    expect((await inspect()).RestartCount).toBe(restarts)
    await vi.waitFor(() => expect(machine.groups.size).toBe(restarts))
  })

  test('while the container waits for its next start does not end the policy either', async () => {
    const monitor = await start(policy('always'))
    monitor.backOff(1)
    await becomes({ Status: 'restarting' })
    await monitor.die()
    await vi.waitFor(() => expect(machine.monitors.all).toHaveLength(2))
    await becomes({ Running: true, Restarting: false })
  })

  test('counts for the policy: retries that it had used are not given again', async () => {
    const monitor = await start(policy('on-failure', 3))
    monitor.backOff(1)
    monitor.run()
    await vi.waitFor(async () => expect((await inspect()).RestartCount).toBe(1))
    await monitor.die()
    await vi.waitFor(() => expect(machine.monitors.all).toHaveLength(2))
    await becomes({ Running: true })
    expect((await inspect()).RestartCount).toBe(2)
    expect(machine.monitors.last.program.supervise).toContainEqual(
      expect.objectContaining({ restart: 'on-failure', restartMax: 1 }),
    )
  })

  test('while it is being stopped ends the stop, and nothing starts it again', async () => {
    machine.monitors.script = { signal: monitor => monitor.die() }
    await start(policy('always'))
    await engine.containers.stop('web', { timeout: 60 })
    await becomes({ Status: 'exited', ExitCode: 137 })
    await vi.waitFor(() => expect(engine.idle()).toBe(true))
    expect(machine.monitors.all).toHaveLength(1)
  })

  test('while it is being removed by force ends the removal', async () => {
    machine.monitors.script = { signal: monitor => monitor.die() }
    await start(policy('always'))
    await engine.containers.remove('web', { force: true, volumes: true, link: false })
    await expect(inspect()).rejects.toMatchObject({ kind: 'notFound' })
    await vi.waitFor(() => expect(machine.traces()).toEqual(NOTHING))
  })
})

describe('what else is lost with a monitor', () => {
  test('is not the one after it: that one is looked after too', async () => {
    await start(policy('always'))
    for (const count of [2, 3]) {
      await machine.monitors.last.die()
      await vi.waitFor(() => expect(actions().filter(action => action === 'start')).toHaveLength(count))
    }
    expect(actions()).toEqual(['start', 'die', 'start', 'die', 'start'])
    expect(machine.monitors.all).toHaveLength(3)
    expect(warnings).toEqual(['MONITOR_DIED', 'MONITOR_DIED'])
  })

  test('is no removal: one that is told by no answer alone gets through, and no policy undoes it', async () => {
    machine.monitors.script = {
      signal: async monitor => {
        await monitor.fade()
        throw new MonitorRefusal({ errno: 3 })
      },
    }
    await start(policy('always'))
    const removed = engine.containers.remove('web', { force: true, volumes: false, link: false })
    await vi.waitFor(() => expect(warnings).toEqual(['MONITOR_DIED']), 5_000)
    await machine.monitors.last.die()
    await removed
    await expect(inspect()).rejects.toMatchObject({ code: 'CONTAINER_NOT_FOUND' })
    await vi.waitFor(() => expect(engine.idle()).toBe(true))
    expect(machine.monitors.all).toHaveLength(1)
  })

  test('is what was made with --rm', async () => {
    const monitor = await start({ AutoRemove: true })
    const { result } = await engine.containers.wait('web', 'removed', new AbortController().signal)
    await monitor.die()
    expect(await result).toEqual({ StatusCode: 137 })
  })
})

describe('a connection that breaks', () => {
  test('is made again: nothing is told, nothing is killed, and the end is heard of', async () => {
    const monitor = await start()
    monitor.disconnect()
    await vi.waitFor(() => expect(monitor.asked.filter(each => each === 'subscribe')).toHaveLength(2))
    await becomes({ Running: true })
    expect(machine.killed).toEqual([])
    expect(warnings).toEqual([])
    await monitor.exit(5)
    await becomes({ Status: 'exited', ExitCode: 5 })
    expect(actions()).toEqual(['start', 'die'])
  })

  test('again and again is made again', async () => {
    const monitor = await start()
    for (const times of [2, 3, 4]) {
      monitor.disconnect()
      await vi.waitFor(() => expect(monitor.asked.filter(each => each === 'subscribe')).toHaveLength(times))
    }
    await becomes({ Running: true })
  })

  test('what happened meanwhile is told when it stands', async () => {
    const monitor = await start(policy('always'))
    monitor.disconnect()
    monitor.backOff(1)
    monitor.run()
    await vi.waitFor(async () => expect((await inspect()).RestartCount).toBe(1))
    await becomes({ Running: true, Pid: monitor.status.pid })
  })

  test('right after the end, before it was told, costs nothing: it is in the status file', async () => {
    const monitor = await start(policy('on-failure', 1))
    await monitor.exitUntold(6)
    await becomes({ Status: 'exited', ExitCode: 6 })
    expect(warnings).toEqual([])
    expect(machine.killed).toEqual([])
    expect(machine.monitors.all).toHaveLength(1)
    await vi.waitFor(() => expect(machine.traces()).toEqual(NOTHING))
  })

  test('with a status file that cannot be read is made again by what was known', async () => {
    const monitor = await start()
    writeFileSync(machine.file((await inspect()).Id, 'status'), renderStatus(monitor.status).slice(0, 40))
    monitor.disconnect()
    await vi.waitFor(() => expect(monitor.asked.filter(each => each === 'subscribe')).toHaveLength(2))
    await becomes({ Running: true })
    expect(warnings).toEqual(['STATUS_UNREADABLE'])
  })
})

describe('an end', () => {
  test.each([
    ['by itself', 3, {}, ['start', 'die'], { ExitCode: 3, OOMKilled: false }],
    [
      'for want of memory',
      137,
      { oomKilled: true },
      ['start', 'oom', 'die'],
      { ExitCode: 137, OOMKilled: true },
    ],
  ])('%s is told with its code', async (_, code, change, told, state) => {
    const monitor = await start()
    await monitor.exit(code, change)
    await becomes({ Status: 'exited', ...state })
    expect(actions()).toEqual(told)
  })

  test('lets go of networks and volumes before it is told, as the start took them before it was', async () => {
    const monitor = await start()
    await monitor.exit(0)
    await becomes({ Status: 'exited' })
    const told = events.map(({ Type, Action }) => `${Type} ${Action}`)
    expect(told.slice(told.indexOf('container create') + 1)).toEqual([
      'volume mount',
      'network connect',
      'container start',
      'network disconnect',
      'volume unmount',
      'container die',
    ])
  })

  test('is found among what it did under another name', async () => {
    const monitor = await start()
    await monitor.exit(0)
    await becomes({ Status: 'exited' })
    const [name = ''] =
      (await engine.containers.list({ all: true, size: false, filters: {} }))[0]?.Names ?? []
    await engine.containers.rename(name, 'renamed')
    const options = {
      since: 0n,
      until: BigInt(Date.now() + 10) * 1_000_000n,
      filters: { container: ['renamed'] },
    }
    const found: string[] = []
    for await (const { Action } of await engine.system.events(options, new AbortController().signal))
      found.push(Action)
    expect(found).toEqual(['create', 'start', 'die', 'rename'])
  })

  test('whose next start fails says why', async () => {
    const monitor = await start(policy('always'))
    // The first operation of the first stage, out of memory.
    await monitor.exit(128, { error: '0:0:12:' })
    await becomes({ Status: 'exited', ExitCode: 128, Error: expect.stringMatching(/./) })
  })

  describe('of one that has no run then', () => {
    const run = (hostConfig: HostConfig, onSignal: (monitor: SimulatedMonitor) => void) => {
      machine.monitors.script = { signal: onSignal }
      return start(hostConfig)
    }
    const fallAsleep = async (monitor: SimulatedMonitor): Promise<void> => {
      monitor.say({ phase: 'restarting', asleep: true, pid: 0, exitCode: 143, finishedAt: 7n })
      await becomes({ TscomposeAsleep: 'stopped' })
    }
    const waitUntilNotRunning = () =>
      engine.containers.wait('web', 'not-running', new AbortController().signal)

    test.each([
      ['ours, which say when it was stopped', {}],
      ['of before, which say when its run has ended', { finishedAt: 7n }],
    ])('since it sleeps, and is stopped, is told as any other: of monitors %s', async (_, told) => {
      const change = { asleep: false, stopped: true, ...told }
      const monitor = await run({}, each => void each.exit(143, change))
      await fallAsleep(monitor)
      const { result } = await waitUntilNotRunning()
      await engine.containers.stop('web', {})
      expect(await result).toEqual({ StatusCode: 143 })
      await becomes({ Status: 'exited', ExitCode: 143 })
      expect(actions()).toEqual(['start', 'sleep', 'kill', 'stop', 'die'])
    })

    test('since it sleeps, and its monitor is killed, is told as any other', async () => {
      const monitor = await start()
      await fallAsleep(monitor)
      const { result } = await waitUntilNotRunning()
      await monitor.die()
      expect(await result).toEqual({ StatusCode: 137 })
      await becomes({ Status: 'exited', ExitCode: 137 })
      expect(actions()).toEqual(['start', 'sleep', 'die'])
    })

    test('since it waits for its restart is told to who waits, and is no second death', async () => {
      const monitor = await run(policy('always'), each => {
        const { finishedAt } = each.status
        void each.exit(3, { finishedAt, stopped: true })
      })
      monitor.backOff(3)
      await becomes({ Status: 'restarting' })
      const { result } = await waitUntilNotRunning()
      await engine.containers.stop('web', {})
      expect(await result).toEqual({ StatusCode: 3 })
      expect(actions()).toEqual(['start', 'die', 'kill', 'stop'])
    })
  })

  test('forgets that an earlier run was killed for want of memory', async () => {
    const monitor = await start(policy('always'))
    monitor.say({ phase: 'restarting', pid: 0, exitCode: 137, finishedAt: 5n, oomKilled: true })
    await becomes({ OOMKilled: true })
    monitor.run()
    await becomes({ Running: true, OOMKilled: false })
  })

  test('of output that could not be kept is warned of when it begins and at the end, not between', async () => {
    const monitor = await start()
    for (const logDropped of [1, 2, 3]) monitor.say({ logDropped })
    await monitor.exit(0, { logDropped: 4 })
    await becomes({ Status: 'exited' })
    expect(warnings).toEqual(['LOG_LOST', 'LOG_LOST'])
  })
})
