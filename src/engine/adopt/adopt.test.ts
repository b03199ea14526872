// What a new engine makes of the containers that an earlier one left, whatever was lost meanwhile.
import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { createConnection } from 'node:net'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { ContainerState, EventMessage, HostConfig, RestartPolicy } from '../../api/types/index.ts'
import { MonitorRefusal } from '../../native/testing/simulated-monitor.ts'
import type { Engine } from '../index.ts'
import { NOTHING, ownPort, SimulatedMachine } from '../machine.test-support.ts'

let machine: SimulatedMachine
let engine: Engine
let events: EventMessage[]
let warnings: string[]

async function openNext(): Promise<void> {
  ;({ engine, events, warnings } = await machine.open())
}

beforeEach(async () => {
  machine = await new SimulatedMachine().prepare()
  await openNext()
})
afterEach(() => machine.end())

async function create(name: string, hostConfig: HostConfig = {}): Promise<string> {
  const body = {
    Image: 'app:1',
    ExposedPorts: { '80/tcp': {}, '81/tcp': {} },
    HostConfig: { NetworkMode: 'net', ...hostConfig },
  }
  return (await engine.containers.create(body, { name })).Id
}

async function start(name: string, hostConfig: HostConfig = {}): Promise<string> {
  const id = await create(name, hostConfig)
  await engine.containers.start(id, {})
  return id
}

function refuseUnless(can: boolean): void {
  if (!can) throw new MonitorRefusal({ errno: 5 })
}

/** Ten seconds are given to whoever made it. */
const POLL = { timeout: 20_000, interval: 200 }
const inspect = (name: string) => engine.containers.inspect(name, { size: false })
const stateOf = async (name: string): Promise<ContainerState> => (await inspect(name)).State
const actions = (): string[] => events.map(each => each.Action)
const policy = (Name: RestartPolicy['Name'], MaximumRetryCount = 0): HostConfig => ({
  RestartPolicy: { Name, MaximumRetryCount },
})

describe('a container that runs', () => {
  test('goes on as it was, and is not told to have started again', async () => {
    const id = await start('web')
    const before = await stateOf('web')
    await openNext()
    expect(await stateOf('web')).toEqual(before)
    expect(warnings).toEqual([])
    expect(actions()).toEqual([])
    expect(machine.monitors.all).toHaveLength(1)
    expect(machine.killed).toEqual([])
    expect(engine.idle()).toBe(false)
    expect(machine.run(id).state.startedAt).toBe(before.StartedAt)
  })

  test('is listened to from then on: its end, with what became of it', async () => {
    await start('web')
    await openNext()
    const { result } = await engine.containers.wait('web', 'next-exit', new AbortController().signal)
    await machine.monitors.last.exit(137, { oomKilled: true })
    expect(await result).toEqual({ StatusCode: 137 })
    expect(await stateOf('web')).toMatchObject({ Status: 'exited', ExitCode: 137, OOMKilled: true })
    expect(actions()).toEqual(['oom', 'disconnect', 'unmount', 'die'])
    await vi.waitFor(() => expect(machine.traces()).toEqual(NOTHING))
  })

  test('keeps its address and its host port from others', async () => {
    await start('web', { PortBindings: { '80/tcp': [{ HostPort: String(ownPort(0)) }] } })
    await openNext()
    const second = await start('other')
    expect(machine.addressesOf('web')).toEqual(['10.99.0.2'])
    expect(machine.run(second).endpoints[0]?.addresses).toEqual(['10.99.0.3/24'])
    const wanted = { PortBindings: { '80/tcp': [{ HostPort: String(ownPort(0)) }] } }
    await expect(start('third', wanted)).rejects.toMatchObject({ code: 'PORT_IN_USE' })
  })

  test('has its relay told on which networks it is', async () => {
    await start('web')
    await openNext()
    expect(machine.monitors.last.asked.at(-1)).toBe('setNetworks')
  })

  test('is paused still if its control group is frozen', async () => {
    machine.frozen.add(await start('web'))
    await openNext()
    expect(await stateOf('web')).toMatchObject({ Status: 'paused', Paused: true })
  })

  test('that its monitor has started again meanwhile counts so', async () => {
    await start('web', policy('always'))
    await machine.closeEngine()
    machine.monitors.last.backOff(1)
    machine.monitors.last.run()
    await openNext()
    await vi.waitFor(async () => expect((await inspect('web')).RestartCount).toBe(1))
    expect(await stateOf('web')).toMatchObject({ Running: true, Pid: machine.monitors.last.status.pid })
  })

  test('that waits for its next start is restarting', async () => {
    await start('web', policy('always'))
    await machine.closeEngine()
    machine.monitors.last.backOff(2)
    await openNext()
    await vi.waitFor(async () =>
      expect(await stateOf('web')).toMatchObject({ Status: 'restarting', ExitCode: 2 }),
    )
    machine.monitors.last.run()
    await vi.waitFor(async () => expect(await stateOf('web')).toMatchObject({ Status: 'running' }))
  })

  test('is reached though its monitor answers late', async () => {
    let answer: () => void = () => undefined
    const late = new Promise<void>(resolve => {
      answer = resolve
    })
    let engines = 0
    machine.monitors.script = { subscribe: () => (engines++ === 0 ? undefined : late) }
    await start('web')
    const opening = openNext()
    answer()
    await opening
    expect(await stateOf('web')).toMatchObject({ Running: true })
  })

  test('is looked after from then on: its policy holds though its monitor is killed', async () => {
    await start('web', policy('always'))
    await openNext()
    await machine.monitors.last.die()
    await vi.waitFor(() => expect(machine.monitors.all).toHaveLength(2))
    await vi.waitFor(async () =>
      expect(await inspect('web')).toMatchObject({ RestartCount: 1, State: { Running: true } }),
    )
  })

  test('is taken over though the monitor of another one does not answer as it should', async () => {
    machine.monitors.script = { subscribe: ({ asked }) => refuseUnless(!asked.includes('start')) }
    await start('odd')
    machine.monitors.script = {}
    await start('web')
    await openNext()
    expect(warnings).toEqual(['ADOPT'])
    expect(await stateOf('web')).toMatchObject({ Running: true })
    expect(machine.killed).toEqual([])
  })

  test('is taken over though the relay of another one does not hear us', async () => {
    machine.monitors.script = { setNetworks: () => Promise.reject(new MonitorRefusal({ errno: 5 })) }
    await start('odd')
    machine.monitors.script = {}
    await start('web')
    await openNext()
    expect(warnings).toEqual(['RELAY_NETWORKS'])
    expect(await stateOf('odd')).toMatchObject({ Running: true })
    expect(await stateOf('web')).toMatchObject({ Running: true })
  })
})

describe('a container that ended while no engine looked', () => {
  test.each([
    ['by itself', 3, {}],
    ['for want of memory', 137, { oomKilled: true }],
    ['by a signal', 143, { signal: 15 }],
  ])('%s is found with its exit code, and its run is cleared away', async (_, code, told) => {
    const id = await start('web', { PortBindings: { '80/tcp': [{ HostPort: String(ownPort(1)) }] } })
    await machine.closeEngine()
    await machine.monitors.last.exit(code, told)
    await openNext()
    const oom = 'oomKilled' in told
    expect(await stateOf('web')).toMatchObject({ Status: 'exited', ExitCode: code, OOMKilled: oom })
    expect(machine.run(id).state.finishedAt).toBeDefined()
    expect(machine.killed).toEqual([])
    await vi.waitFor(() => expect(machine.traces()).toEqual(NOTHING))
    await openNext()
    expect(await stateOf('web')).toMatchObject({ Status: 'exited', ExitCode: code })
  })

  test('is not started again: its monitor has had its policy', async () => {
    await start('web', policy('always'))
    await machine.closeEngine()
    // Its next start failed: the policy has nothing more to say.
    await machine.monitors.last.exit(128, { restartCount: 2, error: '0:0:12:' })
    await openNext()
    expect(await inspect('web')).toMatchObject({
      RestartCount: 2,
      State: { Status: 'exited', ExitCode: 128 },
    })
    expect(machine.monitors.all).toHaveLength(1)
  })
})

describe('a container whose monitor was killed while no engine looked', () => {
  test('is killed with everything in it, and has ended so', async () => {
    const id = await start('web')
    await machine.closeEngine()
    await machine.monitors.last.die()
    await openNext()
    expect(machine.killed).toEqual([id])
    expect(await stateOf('web')).toMatchObject({ Status: 'exited', ExitCode: 137 })
    await vi.waitFor(() => expect(machine.traces()).toEqual(NOTHING))
  })

  test('a moment before, so that it lets nobody in while it still lives, has ended with it', async () => {
    const id = await start('web')
    await machine.closeEngine()
    const dying = machine.monitors.last
    dying.deafen()
    let attempts = 0
    machine.monitors.onConnect = async () => {
      attempts += 1
      if (attempts === 3) await dying.fade()
    }
    await openNext()
    expect([machine.killed, warnings]).toEqual([[id], []])
    expect(await stateOf('web')).toMatchObject({ Status: 'exited', ExitCode: 137 })
  })

  test.each([
    ['no', policy('no'), false, 0],
    ['always', policy('always'), true, 1],
    ['unless-stopped', policy('unless-stopped'), true, 1],
    ['on-failure', policy('on-failure', 1), true, 1],
  ])('is started again by the policy %s', async (_, hostConfig, again, restarts) => {
    await start('web', hostConfig)
    await machine.closeEngine()
    await machine.monitors.last.die()
    await openNext()
    expect(await inspect('web')).toMatchObject({ RestartCount: restarts, State: { Running: again } })
    expect(machine.monitors.living).toHaveLength(again ? 1 : 0)
  })

  test('is not when its retries are used up, those of earlier monitors included', async () => {
    await start('web', policy('on-failure', 1))
    await machine.closeEngine()
    await machine.monitors.last.die()
    await openNext()
    expect(machine.monitors.last.status.restartPolicy).toBe('no')
    await machine.closeEngine()
    await machine.monitors.last.die()
    await openNext()
    expect(await inspect('web')).toMatchObject({ RestartCount: 1, State: { Running: false, ExitCode: 137 } })
  })

  test('is not when the user was just stopping it', async () => {
    await start('web', policy('unless-stopped'))
    machine.monitors.last.say({ stopped: true })
    await machine.closeEngine()
    await machine.monitors.last.die()
    await openNext()
    expect(await stateOf('web')).toMatchObject({ Running: false, ExitCode: 137 })
  })

  test('that cannot be started again says so, and keeps nobody else from it', async () => {
    const id = await start('web', policy('always'))
    await machine.closeEngine()
    await machine.monitors.last.die()
    machine.onGroups = () => {
      throw new Error('no groups')
    }
    await openNext()
    expect(warnings).toEqual(['RESTART_FAILED'])
    expect(await stateOf('web')).toMatchObject({ Running: false, ExitCode: 128, Error: 'no groups' })
    machine.onGroups = () => undefined
    await engine.containers.start(id, {})
    expect(await stateOf('web')).toMatchObject({ Running: true, Error: '' })
  })
})

describe('a container whose start an engine did not live to see', () => {
  test('has not run, when its monitor was not told to start it', async () => {
    let reached: () => void = () => undefined
    const atStart = new Promise<void>(resolve => {
      reached = resolve
    })
    machine.monitors.script = {
      start: () => {
        reached()
        return new Promise(() => undefined)
      },
    }
    const id = await create('web', policy('always'))
    const starting = engine.containers.start(id, {})
    starting.catch(() => undefined)
    await atStart
    await machine.closeEngine()
    await vi.waitFor(() => expect(machine.monitors.living).toEqual([]))
    machine.monitors.script = {}
    await openNext()
    expect(await stateOf('web')).toMatchObject({ Status: 'created', Running: false })
    await machine.reboot()
    await openNext()
    expect(await stateOf('web')).toMatchObject({ Status: 'created', Running: false })
    await engine.containers.start(id, {})
    expect(await stateOf('web')).toMatchObject({ Running: true })
  })

  test('has not run, though its monitor is still about to end', async () => {
    const id = await create('web', policy('always'))
    machine.monitors.script = { start: () => new Promise(() => undefined) }
    const starting = engine.containers.start(id, {})
    starting.catch(() => undefined)
    await vi.waitFor(() => expect(machine.monitors.all[0]?.asked).toContain('start'))
    // As long as somebody holds it, it does not end.
    const holder = createConnection(machine.path('run/containers', id.slice(0, 16), 'monitor.sock'))
    await once(holder, 'connect')
    await openNext()
    expect(await stateOf('web')).toMatchObject({ Status: 'created', Running: false })
    await vi.waitFor(() => expect(engine.idle()).toBe(true))
    holder.destroy()
  })

  test('runs, when the monitor went on: its record says so from then on', async () => {
    const id = await start('web')
    const { bootId, manuallyStopped, ...rest } = machine.run(id).state
    await machine.closeEngine()
    // As it is between the launch of the monitor and its first word.
    const { startedAt: _, ...unstarted } = rest
    const run = { ...machine.run(id), state: { ...unstarted, bootId, manuallyStopped } }
    writeFileSync(machine.file(id, 'state.json'), JSON.stringify(run))
    await openNext()
    expect(await stateOf('web')).toMatchObject({ Running: true })
    await vi.waitFor(() => expect(machine.run(id).state.startedAt).toBeDefined())
  })
})

describe('records that are lost', () => {
  const BINDINGS = {
    PortBindings: { '80/tcp': [{ HostPort: String(ownPort(2)) }], '81/tcp': [{ HostPort: '' }] },
  }

  test('of a run that goes on are made anew: address by its names, host ports as asked for by number', async () => {
    const id = await start('web', BINDINGS)
    const { startedAt } = machine.run(id).state
    await machine.closeEngine()
    rmSync(machine.file(id, 'state.json'))
    await openNext()
    expect(warnings).toEqual(['RUN_RESTORED'])
    const web = await inspect('web')
    expect(web.State).toMatchObject({ Running: true, StartedAt: startedAt })
    expect(web.State.Error).toContain('81/tcp')
    expect(web.NetworkSettings.Networks['net']?.IPAddress).toBe('10.99.0.2')
    expect(web.NetworkSettings.Ports['80/tcp']).toContainEqual({
      HostIp: '0.0.0.0',
      HostPort: String(ownPort(2)),
    })
    expect(machine.addressesOf('web')).toEqual(['10.99.0.2'])
    await openNext()
    expect(warnings).toEqual([])
    expect(await stateOf('web')).toMatchObject({ Running: true, StartedAt: startedAt })
  })

  test('of a run whose names are lost, too, say what is not known', async () => {
    const id = await start('web')
    await machine.closeEngine()
    rmSync(machine.file(id, 'state.json'))
    rmSync(machine.path('run/networks'), { recursive: true })
    await openNext()
    expect(await stateOf('web')).toMatchObject({ Running: true, Error: expect.stringContaining('net') })
  })

  test('of a run that ended meanwhile are made anew from the status file', async () => {
    const id = await start('web')
    await machine.closeEngine()
    await machine.monitors.last.exit(4)
    rmSync(machine.file(id, 'state.json'))
    await openNext()
    expect(warnings).toEqual(['RUN_RESTORED'])
    expect(await stateOf('web')).toMatchObject({ Status: 'exited', ExitCode: 4, Error: '' })
  })

  test('that cannot be read are set aside and made anew', async () => {
    const id = await start('web')
    await machine.closeEngine()
    writeFileSync(machine.file(id, 'state.json'), '{"version":1,"sta')
    await openNext()
    expect(warnings.sort()).toEqual(['RECORD_BROKEN', 'RUN_RESTORED'])
    expect(readFileSync(machine.file(id, 'state.json.broken'), 'utf8')).toBe('{"version":1,"sta')
    expect(await stateOf('web')).toMatchObject({ Running: true })
  })

  test.each([
    ['is missing', (path: string): void => rmSync(path)],
    ['is cut off', (path: string): void => writeFileSync(path, 'version=1\nphase=run')],
  ])('a status file that %s does not matter while the monitor lives', async (_, lose) => {
    const id = await start('web')
    await machine.closeEngine()
    lose(machine.file(id, 'status'))
    await openNext()
    expect(await stateOf('web')).toMatchObject({ Running: true })
    expect(warnings).toEqual([])
  })

  test.each([
    ['is missing', (path: string): void => rmSync(path), []],
    [
      'is cut off',
      (path: string): void => writeFileSync(path, 'version=1\nphase=run'),
      ['STATUS_UNREADABLE'],
    ],
  ])('with a status file that %s and no monitor the run has ended', async (_, lose, told) => {
    const id = await start('web')
    await machine.closeEngine()
    await machine.monitors.last.die()
    lose(machine.file(id, 'status'))
    await openNext()
    expect([...new Set(warnings)]).toEqual(told)
    expect(await stateOf('web')).toMatchObject({ Status: 'exited', ExitCode: 137 })
    expect(machine.killed).toEqual([id])
  })

  test('a status file that is missing does not change an end that was recorded', async () => {
    const id = await start('web', policy('always'))
    await machine.monitors.last.exit(3)
    await vi.waitFor(async () => expect(await stateOf('web')).toMatchObject({ ExitCode: 3 }))
    await machine.closeEngine()
    rmSync(machine.file(id, 'status'))
    await openNext()
    expect(await stateOf('web')).toMatchObject({ Status: 'exited', ExitCode: 3 })
    expect(machine.killed).toEqual([])
    expect(machine.monitors.all).toHaveLength(1)
  })

  test('a record that cannot be read is set aside, and nobody has its name any more', async () => {
    const id = await create('web')
    await machine.closeEngine()
    writeFileSync(machine.file(id, 'record.json'), '')
    await openNext()
    expect(warnings).toEqual(['RECORD_BROKEN'])
    expect(existsSync(machine.file(id, 'record.json.broken'))).toBe(true)
    await expect(inspect('web')).rejects.toMatchObject({ kind: 'notFound' })
    await create('web')
  })

  test('of two with one name, one is called by its id', async () => {
    const [first, second] = [await create('web'), await create('other')]
    await machine.closeEngine()
    writeFileSync(
      machine.file(second, 'record.json'),
      JSON.stringify({ ...machine.record(second), name: 'web' }),
    )
    await openNext()
    expect(warnings).toEqual(['NAME_IN_USE'])
    const names = [first, second].map(async id => (await inspect(id)).Name)
    const called = [first, second].map(id => `/${id.slice(0, 12)}`)
    const found = await Promise.all(names)
    expect(found).toContain('/web')
    expect(found.filter(name => called.includes(name))).toHaveLength(1)
  })
})

describe('after a reboot', () => {
  test('what ran has ended, and nothing of its run is left', async () => {
    const id = await start('web', { PortBindings: { '80/tcp': [{ HostPort: String(ownPort(3)) }] } })
    await machine.reboot()
    await openNext()
    expect(await stateOf('web')).toMatchObject({ Status: 'exited', ExitCode: 255, Running: false })
    expect(machine.run(id)).toMatchObject({ ports: [] })
    expect(machine.killed).toEqual([])
    expect(machine.addressesOf('web')).toEqual([])
    await vi.waitFor(() => expect(engine.idle()).toBe(true))
    expect(machine.traces()).toMatchObject({ groups: [], folders: [], ports: [] })
  })

  test('log files that were kept for whoever followed are removed, as many as a rotation leaves', async () => {
    const Config = { 'max-size': '1k', 'max-file': '2' }
    const id = await start('web', { LogConfig: { Type: 'json-file', Config } })
    const log = machine.file(id, 'container.log')
    for (const number of [1, 2, 3]) writeFileSync(`${log}.${number}`, '')
    writeFileSync(log, '2026-01-01T00:00:00.000000000Z header F 4 0 0\n')
    await machine.reboot()
    await openNext()
    const left = readdirSync(machine.file(id, '')).filter(name => name.startsWith('container.log'))
    expect(left.sort()).toEqual(['container.log', 'container.log.3'])
  })

  test.each([
    ['no', 'ran', policy('no'), false],
    ['on-failure', 'ran', policy('on-failure'), true],
    ['on-failure', 'had ended well', policy('on-failure'), false],
    ['unless-stopped', 'ran', policy('unless-stopped'), true],
    ['unless-stopped', 'was stopped', policy('unless-stopped'), false],
    ['always', 'ran', policy('always'), true],
    ['always', 'was stopped', policy('always'), true],
    ['always', 'was never started', policy('always'), false],
  ])('%s: what %s', async (_, before, hostConfig, again) => {
    const id = await create('web', hostConfig)
    if (before !== 'was never started') await engine.containers.start(id, {})
    const monitor = machine.monitors.all[0]
    if (before === 'had ended well') await monitor?.exit(0)
    if (before === 'was stopped') await monitor?.exit(143, { stopped: true })
    await vi.waitFor(() => expect(engine.idle()).toBe(before !== 'ran'))
    await machine.reboot()
    await openNext()
    expect(await inspect('web')).toMatchObject({ RestartCount: 0, State: { Running: again } })
    expect(machine.monitors.living).toHaveLength(again ? 1 : 0)
  })

  test('restarts are counted anew', async () => {
    await start('web', policy('on-failure', 3))
    machine.monitors.last.backOff(1)
    machine.monitors.last.run()
    await vi.waitFor(async () => expect((await inspect('web')).RestartCount).toBe(1))
    await machine.reboot()
    await openNext()
    expect((await inspect('web')).RestartCount).toBe(0)
    expect(machine.monitors.last.program.supervise).toContainEqual(
      expect.objectContaining({ restart: 'on-failure', restartMax: 3 }),
    )
  })
})

describe('leftovers', () => {
  test('of a removal that was cut off go: monitor told, group and folders removed', async () => {
    const id = await start('web')
    const monitor = machine.monitors.last
    await machine.closeEngine()
    rmSync(machine.file(id, 'record.json'))
    machine.groups.clear()
    await openNext()
    await vi.waitFor(() => expect(existsSync(machine.file(id, ''))).toBe(false))
    expect(monitor.signals).toEqual([{ signal: 9, manual: true }])
    expect(machine.traces()).toMatchObject({ groups: [], folders: [] })
    expect(warnings).toEqual([])
  })

  test.each([
    'before its files were gone',
    'behind them',
  ])('of a removal that was cut off %s: it is told', async moment => {
    const id = await create('web')
    await machine.closeEngine()
    renameSync(machine.file(id, 'record.json'), machine.path(`root/containers/${id}.removed`))
    if (moment === 'behind them') rmSync(machine.file(id, ''), { recursive: true })
    await openNext()
    await vi.waitFor(() => expect(actions()).toEqual(['destroy']))
    expect(events[0]?.Actor).toMatchObject({ ID: id, Attributes: { name: 'web', image: 'app:1' } })
    await vi.waitFor(() => expect(readdirSync(machine.path('root/containers'))).toEqual([]))
    expect(warnings).toEqual([])
  })

  test('in the kernel alone go too: a control group that no record knows', async () => {
    machine.groups.add('f'.repeat(64))
    await openNext()
    await vi.waitFor(() => expect([...machine.groups]).toEqual([]))
  })

  test('are only what is ours: other folders stay', async () => {
    mkdirSync(machine.path('root/containers/lost+found'))
    // Is swept after them.
    const later = machine.path('root/volumes/.removed-0123456789ab')
    mkdirSync(later)
    await openNext()
    await vi.waitFor(() => expect(existsSync(later)).toBe(false))
    expect(readdirSync(machine.path('root/containers'))).toEqual(['lost+found'])
  })
})

test('C30: the log of a monitor of an older version, which keeps nothing for its readers, is followed all the same', async () => {
  const EPROTO = 71
  machine.monitors.script = { follow: () => Promise.reject(new MonitorRefusal({ errno: EPROTO })) }
  const id = await start('web')
  await openNext()
  const log = join(machine.folder, 'root/containers', id, 'container.log')
  writeFileSync(log, '2026-01-01T00:00:00.000000000Z stdout F hello\n')
  const abort = new AbortController()
  const options = { follow: true, stdout: true, stderr: true, timestamps: false }
  const { records } = await engine.containers.logs(id, options, abort.signal)
  for await (const [record] of records) {
    expect(Buffer.from(record?.bytes ?? []).toString()).toBe('hello\n')
    break
  }
  abort.abort()
})

test('a container with `--rm` that ends while it is taken over is kept until whoever waits for that has come back', async () => {
  let isOver = false
  machine.monitors.script = { setNetworks: monitor => (isOver ? monitor.exit(3) : undefined) }
  await start('once', { AutoRemove: true })
  isOver = true
  await openNext()
  await vi.waitFor(async () => expect(await stateOf('once')).toMatchObject({ Status: 'exited' }))
  expect(engine.idle()).toBe(false)
  const { result } = await engine.containers.wait('once', 'removed', new AbortController().signal)
  expect(await result).toEqual({ StatusCode: 3 })
})

test('a container with `--rm` that nobody has started goes after a crash of its engine, and stays after its end', async () => {
  const id = await create('run', { AutoRemove: true })
  await create('kept')
  await openNext()
  expect(engine.idle()).toBe(true)
  await engine.close()
  // Nobody who lives: whoever held it was killed.
  writeFileSync(join(machine.folder, 'run/engine.lock'), 'cut off')
  await openNext()
  expect(engine.idle()).toBe(false)
  await expect
    .poll(() => engine.containers.inspect(id, { size: false }).catch(({ code }) => code), POLL)
    .toBe('CONTAINER_NOT_FOUND')
  expect((await inspect('kept')).State.Status).toBe('created')
}, 30_000)
